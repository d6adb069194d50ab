// citation-js reads citations: a JSON list of [format, text] comes in, for each what it understood goes out, as CSL-JSON
// with its APA entry; {"error": …} for one that it cannot read.
import { readFileSync } from "node:fs";
import { Cite } from "@citation-js/core";
import "@citation-js/plugin-bibtex";
import "@citation-js/plugin-csl";
import "@citation-js/plugin-ris";

const FORMS = { bib: "@biblatex/text", ris: "@ris/file", json: "@csl/list+object" };

function read([form, text]) {
  try {
    const cite = new Cite(form === "json" ? JSON.parse(text) : text, { forceType: FORMS[form] });
    const apa = cite.format("bibliography", { template: "apa", format: "text", lang: "en-US" });
    return { items: cite.get({ format: "real", type: "json", style: "csl" }), apa };
  } catch (error) {
    return { error: String(error) };
  }
}

const asked = JSON.parse(readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify(asked.map(read)));
