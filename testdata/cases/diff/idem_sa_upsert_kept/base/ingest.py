from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tables import Event


def store(session: Session, event: dict) -> None:
    statement = insert(Event).values(**event).on_conflict_do_nothing(index_elements=["event_id"])
    session.execute(statement)
