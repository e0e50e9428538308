"""The units that a case can be sent to, as far as anybody has named them: from people, places and the catalogue."""

from sqlalchemy import Engine, select, union

from cases.access.tables import person
from cases.catalogue.in_force import catalogue_in_force
from cases.places.tables import place_unit
from cases.transactions import reading

MOST_UNITS = 500


def known_units(engine: Engine) -> tuple[str, ...]:
    """Names in order; ``MOST_UNITS`` at most. Another one can always be typed."""
    of_people = select(person.c.unit.label("unit")).where(person.c.unit.is_not(None), person.c.is_active)
    of_places = select(place_unit.c.unit)
    both = union(of_people, of_places).subquery()
    with reading(engine) as connection:
        found = set(connection.execute(select(both.c.unit).order_by(both.c.unit).limit(MOST_UNITS)).scalars())
        catalogue = catalogue_in_force(connection).catalogue
    found |= {rule.unit for category in catalogue.categories for rule in category.units}
    return tuple(sorted(found))[:MOST_UNITS]
