from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from tables import Event


def _statement(event: dict):
    return postgresql.insert(Event).values(**event).on_conflict_do_nothing(index_elements=["event_id"])


def store(session: Session, event: dict) -> None:
    session.execute(_statement(event))
