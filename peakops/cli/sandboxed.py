"""The settings of the sandbox: its addresses, and what its played vendors expect."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from peakops.settings import STATUS_PAGES, Settings, WriteKeys, sandbox_rate

if TYPE_CHECKING:
    from peakops.sandbox import Sandbox

SANDBOX = "sandbox"


def settings_of(up: "Sandbox") -> Settings:
    """What reads the running sandbox."""
    return Settings(
        environment=SANDBOX,
        database_url=up.database_url,
        stripe_api_key=up.stripe_key,
        stripe_url=up.vendor_url("stripe"),
        stripe_rate=sandbox_rate(),
        supabase_url=up.vendor_url("supabase"),
        supabase_key=up.supabase_key,
        supabase_token=up.supabase_token,
        supabase_management_url=up.vendor_url("supabase"),
        email_provider=up.email_provider,
        sendgrid_api_key=up.sendgrid_key,
        sendgrid_url=up.vendor_url("sendgrid"),
        resend_api_key=up.resend_key,
        resend_url=up.vendor_url("resend"),
        email_from=up.email_from,
        vercel_url=up.vendor_url("vercel"),
        vercel_token=up.vercel_token,
        vercel_project=up.vercel_project,
        vercel_team=up.vercel_team,
        portal_url=up.vendor_url("portal"),
        database_perf_url=up.url_as("peakops_perf"),
        salesforce_url=up.vendor_url("salesforce"),
        salesforce_consumer_key=up.salesforce_consumer_key,
        salesforce_consumer_secret=up.salesforce_consumer_secret,
        ups_url=up.vendor_url("ups"),
        ups_client_id=up.ups_client_id,
        ups_client_secret=up.ups_client_secret,
        ups_shipper=up.ups_shipper,
        invitation_url="https://portal.example/invitations/{token}",
        status_urls={name: f"{up.vendor_url('status')}/{name}/api/v2/summary.json" for name in STATUS_PAGES},
        evidence_key=up.evidence_key,
        evidence_public_key=up.evidence_public_key,
        pseudonym_key=up.pseudonym_key,
        contacts=Path(os.environ.get("PEAKOPS_CONTACTS") or up.contacts),
        pages={
            "PEAKOPS_PAGE_SLACK": f"{up.vendor_url('pager')}/slack/sandbox0slack0hook",
            "PEAKOPS_PAGE_WEBHOOK": f"{up.vendor_url('pager')}/hook/sandbox0page0hook",
        },
        clock=up.now,
        clock_runs_since=time.monotonic() if up.runs else None,
    )


def write_keys_of(up: "Sandbox") -> WriteKeys:
    """What writes to it."""
    return WriteKeys(
        database_url=up.url_as("peakops_writer"),
        stripe_key=up.stripe_key,
        supabase_key=up.supabase_key,
        sendgrid_key=up.sendgrid_key,
        resend_key=up.resend_key,
        salesforce_consumer_key=up.salesforce_consumer_key,
        salesforce_consumer_secret=up.salesforce_consumer_secret,
        ups_client_id=up.ups_client_id,
        ups_client_secret=up.ups_client_secret,
        vercel_token=up.vercel_token,
    )
