import pytest
from tests.desk.test_review_in_browser import *  # noqa
from tests.desk.test_review_in_browser import review, candidates, in_known_cell, shows, seats_of
import cv2, glob
for n in [n for n in dir() if n.startswith('test_')]: del globals()[n]
def test_shots(desk, seats):
    in_known_cell(desk, 3)
    candidates(desk, 14, first=10)
    page = seats.sit("li.min", Role.ACCEPTOR, width=1920, height=1080)
    for lang in ("both","zh"):
        for theme in ("light","dark"):
            review(desk, page, f"?lang={lang}&theme={theme}")
            page.wait_for_timeout(700)
            page.screenshot(path=f"/work/lab/s6/shots/review_{lang}_{theme}.png")
    page.keyboard.press("x"); page.keyboard.press("j"); page.keyboard.press("b"); page.wait_for_timeout(400)
    page.screenshot(path="/work/lab/s6/shots/review_bulk.png")
    page.keyboard.press("Escape"); page.keyboard.press("r"); page.wait_for_timeout(200)
    page.screenshot(path="/work/lab/s6/shots/review_reasons.png")
    page.keyboard.press("Escape"); page.keyboard.press("?"); page.wait_for_timeout(200)
    page.screenshot(path="/work/lab/s6/shots/review_help.png")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width":820,"height":1180}); page.wait_for_timeout(300)
    page.screenshot(path="/work/lab/s6/shots/review_tablet.png", full_page=True)
    desk.faults.clear()
