from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tables import Event


def store(session: Session, event: dict) -> None:
    statement = insert(Event).values(**event)
    session.execute(statement)
