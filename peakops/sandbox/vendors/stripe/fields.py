"""Stripe's fields per object, as API 2026-10-28 names them: what a world may say, and what can be expanded."""

FIELDS: dict[str, frozenset[str]] = {
    kind: frozenset(names.split())
    for kind, names in {
        "customer": """
            address balance business_name cash_balance created currency customer_account default_source
            deleted delinquent description discount email id individual_name invoice_credit_balance
            invoice_prefix invoice_settings livemode metadata name next_invoice_sequence object phone
            preferred_locales shipping sources subscriptions tax tax_exempt tax_ids test_clock
        """,
        "payment_intent": """
            allowed_payment_method_types amount amount_capturable amount_details amount_received
            application application_fee_amount automatic_payment_methods canceled_at cancellation_reason
            capture_method client_secret confirmation_method created currency customer customer_account
            description excluded_payment_method_types hooks id last_payment_error latest_charge livemode
            managed_payments metadata next_action object on_behalf_of payment_details payment_method
            payment_method_configuration_details payment_method_options payment_method_types
            payment_record presentment_details processing receipt_email review setup_future_usage shipping
            source statement_descriptor statement_descriptor_suffix status transfer_data transfer_group
        """,
        "charge": """
            amount amount_captured amount_refunded application application_fee application_fee_amount
            authorization_code balance_transaction billing_details calculated_statement_descriptor
            captured created currency customer description disputed failure_balance_transaction
            failure_code failure_message fraud_details id level3 livemode metadata object on_behalf_of
            outcome paid payment_intent payment_method payment_method_details presentment_details
            radar_options receipt_email receipt_number receipt_url refunded refunds review shipping source
            source_transfer statement_descriptor statement_descriptor_suffix status transfer transfer_data
            transfer_group
        """,
        "refund": """
            amount balance_transaction charge created currency customer customer_account description
            destination_details failure_balance_transaction failure_reason id instructions_email metadata
            next_action object payment_intent payment_method pending_reason presentment_details reason
            receipt_number source_transfer_reversal status transfer_reversal
        """,
        "dispute": """
            amount balance_transactions charge created currency enhanced_eligibility_types evidence
            evidence_details id intended_submission_method is_charge_refundable livemode metadata
            network_reason_code object payment_intent payment_method_details reason status
        """,
        "event": """
            account api_version context created data id livemode object pending_webhooks request type
        """,
        "webhook_endpoint": """
            api_version application created deleted description enabled_events id livemode metadata object
            secret status url
        """,
        "radar.early_fraud_warning": """
            actionable charge created fraud_type id livemode object payment_intent
        """,
        "review": """
            billing_zip charge closed_reason created id ip_address ip_address_location livemode object
            open opened_reason payment_intent reason session
        """,
        "checkout.session": """
            adaptive_pricing after_expiration allow_promotion_codes allowed_payment_method_types
            amount_subtotal amount_total automatic_tax billing_address_collection branding_settings
            cancel_url client_reference_id client_secret collected_information consent consent_collection
            created currency currency_conversion custom_fields custom_text customer customer_account
            customer_creation customer_details customer_email discounts excluded_payment_method_types
            expires_at id integration_identifier invoice invoice_creation line_items livemode locale
            managed_payments metadata mode name_collection object optional_items origin_context
            payment_intent payment_link payment_method_collection payment_method_configuration_details
            payment_method_options payment_method_types payment_status permissions phone_number_collection
            presentment_details recovered_from redirect_on_completion return_url
            saved_payment_method_options setup_intent shipping_address_collection shipping_cost
            shipping_options status submit_type subscription success_url tax_id_collection total_details
            ui_mode url wallet_options
        """,
    }.items()
}

EXPANDABLE: dict[str, dict[str, str]] = {
    "customer": {
        "default_source": "source",
        "invoice_settings.default_payment_method": "payment_method",
        "cash_balance": "cash_balance",
        "invoice_credit_balance": "invoice_credit_balance",
        "sources": "list of source",
        "subscriptions": "list of subscription",
        "tax": "tax",
        "tax_ids": "list of tax_id",
        "test_clock": "test_clock",
    },
    "payment_intent": {
        "amount_details.line_items": "list of payment_intent_amount_details_line_item",
        "application": "application",
        "customer": "customer",
        "latest_charge": "charge",
        "on_behalf_of": "account",
        "payment_method": "payment_method",
        "payment_record": "payment_record",
        "review": "review",
        "source": "source",
        "transfer_data.destination": "account",
    },
    "charge": {
        "application": "application",
        "application_fee": "application_fee",
        "balance_transaction": "balance_transaction",
        "customer": "customer",
        "failure_balance_transaction": "balance_transaction",
        "on_behalf_of": "account",
        "outcome.rule": "rule",
        "payment_intent": "payment_intent",
        "payment_method_details.card.mandate": "mandate",
        "payment_method_details.us_bank_account.mandate": "mandate",
        "refunds": "list of refund",
        "review": "review",
        "source_transfer": "transfer",
        "transfer": "transfer",
        "transfer_data.destination": "account",
    },
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "customer": "customer",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
        "payment_method": "payment_method",
        "source_transfer_reversal": "transfer_reversal",
        "transfer_reversal": "transfer_reversal",
    },
    "dispute": {
        "charge": "charge",
        "evidence.cancellation_policy": "file",
        "evidence.customer_communication": "file",
        "evidence.customer_signature": "file",
        "evidence.duplicate_charge_documentation": "file",
        "evidence.receipt": "file",
        "evidence.refund_policy": "file",
        "evidence.service_documentation": "file",
        "evidence.shipping_documentation": "file",
        "evidence.uncategorized_file": "file",
        "payment_intent": "payment_intent",
    },
    "radar.early_fraud_warning": {
        "charge": "charge",
        "payment_intent": "payment_intent",
    },
    "review": {
        "charge": "charge",
        "payment_intent": "payment_intent",
    },
    "checkout.session": {
        "automatic_tax.liability.account": "account",
        "customer": "customer",
        "invoice": "invoice",
        "line_items": "list of line_item",
        "payment_intent": "payment_intent",
        "payment_link": "payment_link",
        "setup_intent": "setup_intent",
        "shipping_cost.shipping_rate": "shipping_rate",
        "subscription": "subscription",
    },
    "payment_method": {"customer": "customer"},
    "balance_transaction": {"source": "source"},
}
"""By object and field: the kind of object behind an id, or `list of` a kind where Stripe leaves a list out."""

TIMES = frozenset(
    {
        "arrival_date",
        "available_on",
        "canceled_at",
        "capture_before",
        "completed_at",
        "created",
        "due_by",
        "due_date",
        "effective_at",
        "expires_after",
        "expires_at",
        "paid_at",
        "period_end",
        "period_start",
        "released_at",
        "trial_end",
        "trial_start",
        "voided_at",
    }
)
"""Fields that hold Unix seconds, at whatever depth."""
