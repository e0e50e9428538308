"""The grid room: from boxes in a picture to the life of an incident on the city's ground.

Enters: GeoJSON unit grids (text or a file), a view's control points or image regions (settings),
``core.detections.FrameDetections``.
Leaves: ``grid.incidents.IncidentEvent`` (opened, seen, cleared), and each view's state as JSON.
Never: a clock, logging, a picture, a network, a database; time comes in as data, and the one thing
read is the grid file. It reaches no numpy of its own, no OpenCV, no model runtime.

    file ─> cells.load_geojson ─> CityGrid ─┐
    [view] ─> views.ViewSpec ─> views.calibrate ─> ViewCalibration
    FrameDetections ─> sightings.sight ─> ViewSample ─> dedupe.step ─> IncidentEvent...

    a camera on a vehicle:
    Fix... ─> poses.pose_at ─> Pose ─┐
    [vehicle] ─> moving_views.moving_view ─> MovingView.sample ─> MovingSample ─> passes.step_pass ─> IncidentEvent...

| module | public names |
|---|---|
| ``codes`` | ``Level``, ``SubCell``, ``check_code``, ``level_of``, ``prefix_of``, ``split_cell``, ``sub_cell_id`` |
| ``cells`` | ``CityGrid``, ``UnitGrid``, ``Zone``, ``Ring``, ``load_geojson`` |
| ``views`` | ``ViewSpec``, ``ControlPoint``, ``ImageRegion``, ``ViewCalibration``, ``Placement``, ``calibrate`` |
| ``sightings`` | ``Sighting``, ``ViewSample``, ``sight`` |
| ``dedupe`` | ``ConfirmationRules``, ``DedupeState``, ``step``, ``is_stale``, ``state_to_json``, ``state_from_json`` |
| ``poses`` | ``PoseRules``, ``Pose``, ``PoseGap``, ``pose_at`` |
| ``mounts`` | ``MountSpec``, ``MarkBeside``, ``Mount``, ``mounted`` |
| ``moving_views`` | ``SightRules``, ``MovingView``, ``MovingSample``, ``Mark``, ``moving_view`` |
| ``pass_rules``, ``passes`` | ``PassRules``, ``PassState``, ``step_pass`` |
| ``pass_state`` | ``pass_state_to_json``, ``pass_state_from_json`` |
| ``incidents`` | ``IncidentEvent``, ``IncidentKind`` |

Errors: ``core.errors.GridError``, whose text names the feature, view or point and how to mend it.
"""
