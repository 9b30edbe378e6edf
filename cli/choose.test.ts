import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseOne, chooseSome, numbersIn } from "./choose.ts";

function answering(...answers: string[]) {
  const asked: string[] = [];
  const ask = async (question: string) => {
    asked.push(question);
    return answers.shift()!;
  };
  return { ask, asked };
}

test("lists of numbers", () => {
  assert.deepEqual([...numbersIn("1, 3-5", 6)!], [1, 3, 4, 5]);
  for (const all of ["", " ", "all", "ALL"]) assert.equal(numbersIn(all, 3)!.size, 3);
  for (const wrong of ["0", "7", "5-3", "x", "1,,2", "1-99999"]) assert.equal(numbersIn(wrong, 6), undefined, wrong);
});

test("an answer that is none is asked again; an empty one is what is proposed", async () => {
  const { ask, asked } = answering("nothing", "prod");
  assert.equal(await chooseOne(ask, "Which", ["dev", "prod"]), "prod");
  assert.equal(asked.length, 2);
  assert.equal(await chooseOne(answering("").ask, "Which", ["dev", "prod"]), "dev");
  const some = answering("9", "2");
  assert.deepEqual(await chooseSome(some.ask, "Which", ["a", "b"], (one) => one), ["b"]);
  assert.match(some.asked[0], / {2}1 {2}a\n {2}2 {2}b\n/);
});
