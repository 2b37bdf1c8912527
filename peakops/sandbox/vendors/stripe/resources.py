"""The kinds of Stripe object that a world holds: where each is read, by what it is listed, and what can be searched."""

from dataclasses import dataclass

LISTING = ("limit", "starting_after", "ending_before", "expand")


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One kind of object, under the names that Stripe gives it."""

    kind: str
    """The value of `object`: `payment_intent`."""
    name: str
    """The name in Stripe's reference: PaymentIntent."""
    path: str
    prefix: str
    """How its ids begin."""
    filters: tuple[str, ...] = ()
    """Parameters of the list that compare one field for equality."""
    by_created: bool = True
    """Whether the list takes `created`."""
    search: tuple[str, ...] = ()
    """Fields that a search query may name, metadata aside; none means that there is no search."""

    @property
    def list_parameters(self) -> tuple[str, ...]:
        """Every parameter that its list accepts, by the name before a bracket."""
        extra = ("delivery_success", "types") if self.kind == "event" else ()
        created = ("created",) if self.by_created else ()
        return (*LISTING, *created, *(name.partition("[")[0] for name in self.filters), *extra)


RESOURCES: dict[str, Resource] = {
    "customers": Resource(
        kind="customer",
        name="Customer",
        path="/v1/customers",
        prefix="cus",
        filters=("email",),
        search=("created", "email", "name", "phone"),
    ),
    "payment_intents": Resource(
        kind="payment_intent",
        name="PaymentIntent",
        path="/v1/payment_intents",
        prefix="pi",
        filters=("customer",),
        search=("amount", "created", "currency", "customer", "status"),
    ),
    "charges": Resource(
        kind="charge",
        name="Charge",
        path="/v1/charges",
        prefix="ch",
        filters=("customer", "payment_intent", "transfer_group"),
        search=(
            "amount",
            "billing_details.address.postal_code",
            "created",
            "currency",
            "customer",
            "disputed",
            "payment_method_details.card.brand",
            "payment_method_details.card.exp_month",
            "payment_method_details.card.exp_year",
            "payment_method_details.card.fingerprint",
            "payment_method_details.card.last4",
            "refunded",
            "status",
        ),
    ),
    "refunds": Resource(
        kind="refund", name="Refund", path="/v1/refunds", prefix="re", filters=("charge", "payment_intent")
    ),
    "disputes": Resource(
        kind="dispute", name="Dispute", path="/v1/disputes", prefix="dp", filters=("charge", "payment_intent")
    ),
    "events": Resource(kind="event", name="Event", path="/v1/events", prefix="evt", filters=("type",)),
    "webhook_endpoints": Resource(
        kind="webhook_endpoint", name="WebhookEndpoint", path="/v1/webhook_endpoints", prefix="we", by_created=False
    ),
    "early_fraud_warnings": Resource(
        kind="radar.early_fraud_warning",
        name="EarlyFraudWarning",
        path="/v1/radar/early_fraud_warnings",
        prefix="issfr",
        filters=("charge", "payment_intent"),
    ),
    "reviews": Resource(kind="review", name="Review", path="/v1/reviews", prefix="prv"),
    "checkout_sessions": Resource(
        kind="checkout.session",
        name="Checkout Session",
        path="/v1/checkout/sessions",
        prefix="cs",
        filters=("customer", "customer_details[email]", "payment_intent", "payment_link", "status", "subscription"),
    ),
}

COLLECTION_OF = {resource.kind: collection for collection, resource in RESOURCES.items()}
