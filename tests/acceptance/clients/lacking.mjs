// Exits with 1 if the package has any of the methods that the arguments name; | stands between one's several names.
import OpenAI from "openai";

const client = new OpenAI({ apiKey: "sk-anything", baseURL: "http://127.0.0.1:1" });

function has(path) {
  return path.split(".").reduce((found, part) => found?.[part], client) !== undefined;
}

const there = process.argv.slice(2).filter((names) => names.split("|").some(has));
if (there.length > 0) {
  console.error(`it has ${there}`);
  process.exit(1);
}
