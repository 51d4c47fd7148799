"""Finding the people whose questions are kept."""

from sqlalchemy import Connection, String, bindparam, exists, func, select, union

from adapters.sql.statements.moments import moment_of
from adapters.sql.tables import exchanges
from domain.history import Person
from domain.message import StaffId, UserKey, staff_key

_user = exchanges.c.user_key
_of_key = _user == bindparam("key")

_key_of_staff = bindparam("staff", type_=String)
_named = union(
    select(_user.label("key")).where(exchanges.c.nick == bindparam("name")),
    select(_key_of_staff.label("key")).where(exists().where(_user == _key_of_staff)),
).subquery()
_last_asked = select(func.max(exchanges.c.asked_at)).where(_user == _named.c.key).scalar_subquery()
_keys = select(_named.c.key).order_by(_last_asked.desc(), _named.c.key).limit(bindparam("at_most"))

# One by one, for together the three would look at every record instead of at its number.
_figures = select(
    select(func.count()).where(_of_key).scalar_subquery().label("questions"),
    select(func.min(exchanges.c.asked_at)).where(_of_key).scalar_subquery().label("first"),
    select(func.max(exchanges.c.asked_at)).where(_of_key).scalar_subquery().label("last"),
)
_newest_name = (
    select(exchanges.c.nick, exchanges.c.staff_id)
    .where(_of_key)
    .order_by(exchanges.c.asked_at.desc(), exchanges.c.id.desc())
    .limit(1)
)


def people_called(connection: Connection, *, name: str, limit: int) -> tuple[Person, ...]:
    """Everybody with this nickname, now or once, or staff id; who asked last comes first."""
    values = {"name": name, "staff": staff_key(StaffId(name)), "at_most": limit}
    keys = connection.scalars(_keys, values).all()
    found = (person(connection, key=UserKey(key)) for key in keys)
    return tuple(one for one in found if one is not None)


def person(connection: Connection, *, key: UserKey) -> Person | None:
    name = connection.execute(_newest_name, {"key": key}).one_or_none()
    if name is None:
        return None
    figures = connection.execute(_figures, {"key": key}).one()
    return Person(
        key=key,
        nick=name.nick,
        staff_id=name.staff_id,
        questions=figures.questions,
        first_asked=moment_of(figures.first),
        last_asked=moment_of(figures.last),
    )
