// A short sound for what is urgent, where the operator wants one; made here, no file.
// @ts-check

const KEY = "gridpatrol-review-sound";
const NOTES_HZ = [880, 1174];
/** @type {AudioContext | null} */
let audio = null;

/** @param {HTMLElement | null} button */
export function startSound(button) {
  if (!button) return;
  show(button);
  button.addEventListener("click", () => toggle(button));
}

/** @param {HTMLElement} button */
export function toggle(button) {
  localStorage.setItem(KEY, isOn() ? "off" : "on");
  show(button);
  if (isOn()) play();
}

export function isOn() {
  return localStorage.getItem(KEY) === "on";
}

/** Two notes; nothing while it is off, or while the browser still waits for a first touch. */
export function play() {
  if (!isOn() || !navigator.userActivation?.hasBeenActive) return;
  audio ??= new AudioContext();
  void audio.resume();
  const begin = audio.currentTime;
  NOTES_HZ.forEach((hz, place) => {
    if (!audio) return;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = hz;
    volume.gain.setValueAtTime(0.0001, begin + place * 0.16);
    volume.gain.exponentialRampToValueAtTime(0.2, begin + place * 0.16 + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, begin + place * 0.16 + 0.15);
    tone.connect(volume).connect(audio.destination);
    tone.start(begin + place * 0.16);
    tone.stop(begin + place * 0.16 + 0.16);
  });
}

/** @param {HTMLElement} button */
function show(button) {
  button.setAttribute("aria-pressed", String(isOn()));
}
