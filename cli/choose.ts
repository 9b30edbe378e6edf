/** Asks a person and waits for the answer. */
export type Ask = (question: string) => Promise<string>;

/** One of several; the first where the answer is empty. Asks again where the answer is none of them. */
export async function chooseOne(ask: Ask, what: string, choices: readonly string[]): Promise<string> {
  for (;;) {
    const answer = (await ask(`${what}: ${choices.join(", ")} [${choices[0]}] `)).trim();
    if (answer === "") return choices[0];
    if (choices.includes(answer)) return answer;
  }
}

/** Some of several, by number; all where the answer is empty. Asks again where the answer names none. */
export async function chooseSome<Choice>(
  ask: Ask,
  what: string,
  choices: readonly Choice[],
  told: (choice: Choice) => string,
): Promise<readonly Choice[]> {
  const list = choices.map((choice, i) => `  ${i + 1}  ${told(choice)}`).join("\n");
  for (;;) {
    const answer = await ask(`${list}\n${what}, by number, such as 1,3-5 [all] `);
    const numbers = numbersIn(answer, choices.length);
    if (numbers !== undefined) return choices.filter((_, i) => numbers.has(i + 1));
  }
}

/** Undefined where the text is no list of numbers from 1 on. */
export function numbersIn(text: string, most: number): Set<number> | undefined {
  const all = /^\s*(all)?\s*$/i.test(text) ? [`1-${most}`] : text.split(",");
  const numbers = new Set<number>();
  for (const part of all) {
    const [, first, last] = /^\s*(\d{1,4})(?:\s*-\s*(\d{1,4}))?\s*$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last ?? first)];
    if (!(from >= 1 && from <= to && to <= most)) return undefined;
    for (let number = from; number <= to; number++) numbers.add(number);
  }
  return numbers;
}
