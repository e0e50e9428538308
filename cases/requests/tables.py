"""Tables of this part of the case room; their migration is cases/migrations/versions/v0008_outward.py."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from cases.tables import UtcDateTime, metadata

service_request = Table(
    "service_request",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("seq", BigInteger, nullable=False, unique=True),
    Column("case_id", String(36), ForeignKey("case.id"), nullable=False, index=True),
    Column("joined_seq", BigInteger, nullable=False),
    Column("opened", Boolean, nullable=False),
    Column("source", String(16), nullable=False),
    Column("category", String(200), nullable=False),
    Column("cell_id", String(200), nullable=False),
    Column("lat", Float),
    Column("lon", Float),
    Column("address", Text),
    Column("description", Text, nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("filed_by", String(256), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("token", String(64), nullable=False, unique=True),
    Column("is_public", Boolean, nullable=False),
    Column("contact", Text),
    Column("contact_until", UtcDateTime),
    Index("ix_service_request_is_public_requested_at", "is_public", "requested_at"),
    Index("ix_service_request_filed_by_received_at", "filed_by", "received_at"),
    Index("ix_service_request_content_hash", "content_hash"),
    Index("ix_service_request_contact_until", "contact_until"),
    comment="What citizens and the hotline's seats asked for; contact is sealed, and gone after contact_until.",
)

service_request_media = Table(
    "service_request_media",
    metadata,
    Column("request_id", String(32), ForeignKey("service_request.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    # Not named after the hash: the case's event names the pictures, and how long they are kept follows from that.
    Column("original", String(64)),
    Column("shown", String(64)),
    Column("url", Text),
    Column("token", String(64), unique=True),
    comment="Pictures that came with a request (shown: the blurred one), or addresses of pictures elsewhere.",
)

service_request_update = Table(
    "service_request_update",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("request_id", String(32), ForeignKey("service_request.id"), nullable=False, index=True),
    Column("filed_by", String(256), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("is_open", Boolean),
    Column("description", Text, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Index("uq_service_request_update_content", "filed_by", "content_hash", unique=True),
    comment="What other systems added to a request later; is_open: what they say of it.",
)
