"""What does a visit cost from which day on? Changes of a fee, and the fee as it is now.

``services.price_minor`` and ``doctor_services.price_minor`` are the fees a service began with; a
row here changes one of them from the midnight that begins ``valid_from`` in the clinic's zone.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from efoy.models.base import Base
from efoy.models.clinic import DoctorService, Service
from efoy.models.types import UtcDateTime

NO_LONGER_OWN = -1
_OF_ALL, _OF_ONE = text("doctor_id IS NULL"), text("doctor_id IS NOT NULL")


class ServicePrice(Base):
    """A fee from a day on: of a service, or of one doctor for it.

    A doctor's row without ``minor`` ends that doctor's own fee: the service's holds again.
    ``starts_at`` is ``valid_from`` as an instant, so that a price is read by comparing instants.
    """

    __tablename__ = "service_prices"
    __table_args__ = (
        CheckConstraint("minor >= 0", name="a_fee_from_a_day_is_not_negative"),
        CheckConstraint(
            "doctor_id IS NOT NULL OR minor IS NOT NULL", name="a_service_always_has_a_fee"
        ),
        Index(
            "one_fee_per_service_and_day",
            "service_id",
            "valid_from",
            unique=True,
            sqlite_where=_OF_ALL,
            postgresql_where=_OF_ALL,
        ),
        Index(
            "one_fee_per_doctor_service_and_day",
            "service_id",
            "doctor_id",
            "valid_from",
            unique=True,
            sqlite_where=_OF_ONE,
            postgresql_where=_OF_ONE,
        ),
        Index("ix_service_prices_since", "service_id", "doctor_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    doctor_id: Mapped[int | None] = mapped_column(ForeignKey("doctors.id"))
    minor: Mapped[int | None] = mapped_column(Integer)
    valid_from: Mapped[date] = mapped_column(Date)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


def _latest(whose: Any, value: Any, *outer: Any) -> Any:
    """The change that holds at ``now``, as a value inside a query over the outer tables."""
    query = select(value).where(
        ServicePrice.service_id == Service.id,
        whose,
        ServicePrice.starts_at <= bindparam("now", type_=UtcDateTime),
    )
    newest = query.order_by(ServicePrice.starts_at.desc()).limit(1)
    return newest.correlate(*outer).scalar_subquery()


SERVICE_FEE = func.coalesce(
    _latest(ServicePrice.doctor_id.is_(None), ServicePrice.minor, Service), Service.price_minor
)
"""The fee of a service at the parameter ``now``; for queries over ``Service``."""
OWN_FEE = func.nullif(
    func.coalesce(
        _latest(
            ServicePrice.doctor_id == DoctorService.doctor_id,
            func.coalesce(ServicePrice.minor, NO_LONGER_OWN),
            Service,
            DoctorService,
        ),
        DoctorService.price_minor,
    ),
    NO_LONGER_OWN,
)
"""What this doctor takes for the service at ``now``, null where it is the service's fee."""
FEE = func.coalesce(OWN_FEE, SERVICE_FEE)
"""What a visit costs at ``now``; for queries over ``Service`` and ``DoctorService``."""
