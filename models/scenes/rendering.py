"""Blender's part: a fresh scene, the camera in it, and one picture with the index of what each pixel shows."""

import math
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import cv2
import numpy as np
import numpy.typing as npt
from mathutils import Vector

from models.scenes.camera_look import Linear
from models.scenes.cameras import CameraPose, View
from models.scenes.effort import Effort


def fresh_scene() -> None:
    """Forget every object, material and setting."""
    bpy.ops.wm.read_factory_settings(use_empty=True)


def set_up_render(effort: Effort) -> Path:
    """Cycles on the CPU with few samples and a denoiser; returns the folder that pictures are written to."""
    os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")  # read by OpenCV when it first opens such a file
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device, cycles.samples, cycles.use_adaptive_sampling = "CPU", effort.samples, False
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_input_passes, cycles.denoising_prefilter = "RGB_ALBEDO_NORMAL", "FAST"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 3, 2, 1
    cycles.transmission_bounces, cycles.transparent_max_bounces = 1, 4
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 3.0
    scene.render.threads_mode, scene.render.threads = "FIXED", effort.threads
    scene.render.use_persistent_data = effort.keeps_scene
    scene.render.resolution_x, scene.render.resolution_y = effort.size
    scene.render.resolution_percentage = 100
    bpy.context.view_layer.use_pass_object_index = True
    scene.view_settings.view_transform = "Raw"
    scene.use_nodes = True  # the compositor writes linear colour and the index of each pixel
    tree = scene.node_tree
    tree.nodes.clear()
    layers = tree.nodes.new("CompositorNodeRLayers")
    files = tree.nodes.new("CompositorNodeOutputFile")
    files.base_path = tempfile.mkdtemp(prefix="scene_")
    files.format.file_format, files.format.color_depth, files.format.exr_codec = "OPEN_EXR", "32", "NONE"
    files.file_slots.clear()
    for name, socket in (("rgb", "Image"), ("idx", "IndexOB")):
        files.file_slots.new(name)
        tree.links.new(layers.outputs[socket], files.inputs[name])
    composite = tree.nodes.new("CompositorNodeComposite")
    tree.links.new(layers.outputs["Image"], composite.inputs["Image"])
    return Path(files.base_path)


def put_camera(pose: CameraPose) -> Any:
    """The Blender camera that hangs like ``pose``; it becomes the one that is rendered."""
    data = bpy.data.cameras.new("cam")
    data.sensor_fit, data.angle = "HORIZONTAL", math.radians(pose.fov_deg)
    camera = bpy.data.objects.new("cam", data)
    camera.location = pose.position
    turn = (Vector(pose.target) - Vector(pose.position)).to_track_quat("-Z", "Y").to_euler()
    turn.rotate_axis("Z", pose.roll_rad)
    camera.rotation_euler = turn
    scene = bpy.context.scene
    scene.collection.objects.link(camera)
    scene.camera = camera
    bpy.context.view_layer.update()
    return camera


def view_of(camera: Any, size: tuple[int, int]) -> View:
    """The same camera as a projection."""
    return View(np.array(camera.matrix_world.inverted()), float(camera.data.angle), size)


@contextmanager
def _silent() -> Iterator[None]:
    """Blender tells each step on the process's own standard output; nobody wants to read it."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def render(folder: Path) -> tuple[Linear, npt.NDArray[np.int64]]:
    """One picture: linear light (H, W, 3), blue first, and the object index (H, W)."""
    with _silent():
        bpy.ops.render.render(write_still=False)
    frame = f"{bpy.context.scene.frame_current:04d}.exr"
    linear = cv2.imread(str(folder / f"rgb{frame}"), cv2.IMREAD_UNCHANGED)
    index = cv2.imread(str(folder / f"idx{frame}"), cv2.IMREAD_UNCHANGED)
    if linear is None or index is None:
        raise OSError(f"{folder}: Blender wrote no picture; mend: see that the folder for temporary files has room")
    index = index[..., 0] if index.ndim == 3 else index
    return linear[..., :3], np.rint(index).astype(np.int64)
