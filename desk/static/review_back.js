// Decisions that the server refused: they stay here, with the reason and what happened meanwhile, until they are dismissed.
// @ts-check
import { refusal } from "./notice.js";
import { fetchPart } from "./review_panels.js";

export class CameBack {
  /**
   * @param {HTMLElement} root holds the words
   * @param {(caseId: string) => void} open
   * @param {(entryId: string) => void} dismiss
   */
  constructor(root, open, dismiss) {
    this.root = root;
    this.open = open;
    this.dismiss = dismiss;
    this.place = /** @type {HTMLElement} */ (document.getElementById("came-back"));
  }

  /** @param {import("./review_outbox.js").Entry} entry */
  show(entry) {
    for (const each of entry.refused ?? []) this.line(entry, each);
    this.place.hidden = this.place.querySelector("li") === null;
  }

  /**
   * @param {import("./review_outbox.js").Entry} entry
   * @param {{case_id: string, status: number, problem: any}} each
   */
  line(entry, each) {
    const line = document.createElement("li");
    line.dataset.entry = entry.id;
    const words = document.createElement("p");
    const names = { accept: "sayBackAccept", reject: "sayBackReject", undo: "sayBackUndo", dispatch: "sayBackDispatch" };
    const what = this.root.dataset[names[/** @type {keyof typeof names} */ (entry.command)]] ?? entry.command;
    const number = entry.cases.length === 1 ? entry.label : "";
    words.textContent = `${what} ${number} — ${refusal(each.status, each.problem)}`;
    const look = button(this.root.dataset.sayLook ?? "", () => this.open(each.case_id));
    const dismiss = button(this.root.dataset.sayDismiss ?? "", () => {
      line.remove();
      if (!this.place.querySelector(`li[data-entry="${entry.id}"]`)) this.dismiss(entry.id);
      this.place.hidden = this.place.querySelector("li") === null;
    });
    line.append(words, look, dismiss);
    this.place.querySelector("ul")?.append(line);
    if (each.status === 409) void this.tell(line, each.case_id);
  }

  /**
   * What happened to the case meanwhile, as the server tells it.
   * @param {HTMLElement} line
   * @param {string} caseId
   */
  async tell(line, caseId) {
    const text = await fetchPart(`/review/cases/${encodeURIComponent(caseId)}/meanwhile`);
    const told = text === null ? null : new DOMParser().parseFromString(text, "text/html").querySelector(".meanwhile");
    if (told) line.firstElementChild?.after(document.adoptNode(told));
  }
}

/**
 * @param {string} words
 * @param {() => void} act
 */
function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "quiet";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}
