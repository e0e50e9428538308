"""Every table of the case room, gathered: importing this module makes ``metadata`` whole."""

from cases import tables
from cases.access import tables as access_tables
from cases.catalogue import tables as catalogue_tables
from cases.keeping import tables as keeping_tables
from cases.outbound import tables as outbound_tables
from cases.overview import tables as overview_tables
from cases.places import tables as places_tables
from cases.policy import tables as policy_tables
from cases.requests import tables as requests_tables
from cases.wall import tables as wall_tables
from cases.workflow import tables as workflow_tables
from cases.worktime import tables as worktime_tables

PARTS = (
    access_tables,
    catalogue_tables,
    keeping_tables,
    outbound_tables,
    overview_tables,
    places_tables,
    policy_tables,
    requests_tables,
    wall_tables,
    workflow_tables,
    worktime_tables,
)
metadata = tables.metadata
