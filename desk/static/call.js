// A call of our JSON API from a page: the session's cookie goes along by itself, the form token in its header.
// @ts-check
import { isSignedOut, lostSession, renewed } from "./session.js";

/**
 * @typedef {object} Answer
 * @property {boolean} ok
 * @property {number} status 0: the line is down and nothing came back
 * @property {any} body the JSON of the answer; a refusal's problem details; null for none
 * @property {string} etag
 */

/**
 * Call the API; never throws. Where the session has ended it is asked once more if somebody has signed in again since.
 * @param {string} method
 * @param {string} path
 * @param {unknown} [json] sent as the body
 * @param {Record<string, string>} [headers]
 * @param {AbortSignal} [signal]
 * @returns {Promise<Answer>}
 */
export async function call(method, path, json, headers = {}, signal) {
  const answer = await asked(method, path, json, headers, signal);
  if (!isSignedOut(answer.status, answer.body)) return answer;
  if (await renewed()) return asked(method, path, json, headers, signal);
  lostSession();
  return answer;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} json
 * @param {Record<string, string>} headers
 * @param {AbortSignal} [signal]
 * @returns {Promise<Answer>}
 */
async function asked(method, path, json, headers, signal) {
  const sent = { Accept: "application/json", "x-csrf-token": csrf(), ...headers };
  if (json !== undefined) sent["Content-Type"] ??= "application/json";
  try {
    const body = json === undefined ? undefined : JSON.stringify(json);
    const answer = await fetch(path, { method, headers: sent, body, signal, credentials: "same-origin" });
    return { ok: answer.ok, status: answer.status, body: await bodyOf(answer), etag: answer.headers.get("ETag") ?? "" };
  } catch {
    return { ok: false, status: 0, body: null, etag: "" };
  }
}

/** The token that every change by cookie must carry. */
export function csrf() {
  return /** @type {HTMLMetaElement | null} */ (document.querySelector("meta[name=csrf]"))?.content ?? "";
}

/** @param {Response} answer */
async function bodyOf(answer) {
  const kind = answer.headers.get("Content-Type") ?? "";
  if (!kind.includes("json")) return null;
  try {
    return await answer.json();
  } catch {
    return null;
  }
}
