"""What Stripe puts into the fields that a world leaves out, where the value depends on nothing else."""

from typing import Any

from peakops.sandbox.vendors.stripe.envelope import API_VERSION


def nothing(names: str) -> dict[str, Any]:
    """Fields that are null unless said otherwise."""
    return dict.fromkeys(names.split())


ADDRESS = nothing("city country line1 line2 postal_code state")

CARD: dict[str, Any] = {
    **nothing("amount_authorized authorization_code installments mandate network_transaction_id"),
    **nothing("three_d_secure transaction_link_id wallet fingerprint"),
    "brand": "visa",
    "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
    "country": "US",
    "exp_month": 12,
    "exp_year": 2034,
    "extended_authorization": {"status": "disabled"},
    "funding": "credit",
    "incremental_authorization": {"status": "unavailable"},
    "last4": "4242",
    "multicapture": {"status": "unavailable"},
    "network": "visa",
    "network_token": {"used": False},
    "overcapture": {"status": "unavailable"},
    "regulated_status": "unregulated",
}

OUTCOME = nothing("advice_code network_advice_code network_decline_code reason seller_message")

TO_CARD: dict[str, Any] = {"card": {"type": "refund"}, "type": "card"}
TO_BANK: dict[str, Any] = {
    "type": "us_bank_transfer",
    "us_bank_transfer": {"reference": None, "reference_status": "pending"},
}
"""Where a refund's money goes."""

BLANKS: dict[str, dict[str, Any]] = {
    "customer": {
        **nothing("currency default_source description discount email name phone shipping test_clock"),
        "address": None,
        "balance": 0,
        "delinquent": False,
        "invoice_settings": nothing("custom_fields default_payment_method footer rendering_options"),
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
    },
    "payment_intent": {
        **nothing("application application_fee_amount automatic_payment_methods canceled_at cancellation_reason"),
        **nothing("customer customer_account description excluded_payment_method_types last_payment_error"),
        **nothing("next_action on_behalf_of payment_method processing receipt_email review setup_future_usage"),
        **nothing("payment_method_configuration_details shipping source statement_descriptor"),
        **nothing("statement_descriptor_suffix transfer_data transfer_group"),
        "amount_details": {"tip": {}},
        "confirmation_method": "automatic",
        "payment_method_options": {},
        "payment_method_types": ["card"],
    },
    "charge": {
        **nothing("application application_fee application_fee_amount calculated_statement_descriptor customer"),
        **nothing("description failure_balance_transaction failure_code failure_message on_behalf_of payment_intent"),
        **nothing("payment_method receipt_email receipt_number receipt_url review shipping source source_transfer"),
        **nothing("statement_descriptor statement_descriptor_suffix transfer_data transfer_group"),
        "billing_details": {**nothing("email name phone tax_id"), "address": ADDRESS},
        "fraud_details": {},
        "radar_options": {},
    },
    "refund": {
        **nothing("balance_transaction charge customer customer_account payment_intent payment_method reason"),
        **nothing("receipt_number source_transfer_reversal transfer_reversal"),
        "status": "succeeded",
    },
    "dispute": {
        "balance_transactions": [],
        "enhanced_eligibility_types": [],
        "evidence": {
            **nothing("access_activity_log billing_address cancellation_policy cancellation_policy_disclosure"),
            **nothing("cancellation_rebuttal customer_communication customer_email_address customer_name"),
            **nothing("customer_purchase_ip customer_signature duplicate_charge_documentation"),
            **nothing("duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy"),
            **nothing("refund_policy_disclosure refund_refusal_explanation service_date service_documentation"),
            **nothing("shipping_address shipping_carrier shipping_date shipping_documentation"),
            **nothing("shipping_tracking_number uncategorized_file uncategorized_text"),
            "enhanced_evidence": {},
        },
        "evidence_details": {
            "due_by": None,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "payment_intent": None,
        "payment_method_details": {
            "card": {"brand": "visa", "case_type": "chargeback", "network_reason_code": None},
            "type": "card",
        },
        "reason": "general",
        "status": "needs_response",
    },
    "event": {
        "api_version": API_VERSION,
        "data": {"object": {}},
        "pending_webhooks": 0,
        "request": nothing("id idempotency_key"),
    },
    "webhook_endpoint": {
        **nothing("application description"),
        "api_version": API_VERSION,
        "enabled_events": ["*"],
        "status": "enabled",
        "url": "https://portal.example.com/api/webhooks/stripe",
    },
    "radar.early_fraud_warning": {"fraud_type": "misc", "payment_intent": None},
    "review": {
        **nothing("billing_zip charge closed_reason ip_address ip_address_location payment_intent session"),
        "opened_reason": "rule",
    },
    "checkout.session": {
        **nothing("after_expiration allow_promotion_codes billing_address_collection cancel_url client_reference_id"),
        **nothing("client_secret consent consent_collection currency_conversion customer customer_creation"),
        **nothing("customer_details customer_email discounts invoice invoice_creation locale payment_intent"),
        **nothing("payment_link payment_method_collection recovered_from setup_intent shipping_address_collection"),
        **nothing("shipping_cost submit_type subscription success_url total_details url"),
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "custom_fields": [],
        "custom_text": nothing("after_submit shipping_address submit terms_of_service_acceptance"),
        "mode": "payment",
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
    },
}

WITHOUT_METADATA = ("event", "radar.early_fraud_warning", "review")
WITHOUT_CURRENCY = ("customer", "event", "webhook_endpoint", "radar.early_fraud_warning", "review")
WITHOUT_LIVEMODE = ("refund",)


def fill(given: dict[str, Any], blank: dict[str, Any]) -> None:
    """Add the fields that are not given, within given objects too; metadata is the world's own."""
    for name, value in blank.items():
        if name not in given:
            given[name] = fresh(value) if value.__class__ in CONTAINERS else value
        elif value.__class__ is dict and given[name].__class__ is dict and name != "metadata":
            fill(given[name], value)


def fresh(value: Any) -> Any:
    """A copy that shares nothing which could be changed."""
    if value.__class__ is dict:
        return {name: fresh(inner) if inner.__class__ in CONTAINERS else inner for name, inner in value.items()}
    return list(value)


CONTAINERS = (dict, list)
