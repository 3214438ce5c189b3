/**
 * Both results, as `Promise.all` gives them; but where one fails nothing of the other is under way any
 * more, since afterwards the folder they work in may be somebody else's.
 */
export async function bothAtRest<First, Second>(
  first: Promise<First>,
  second: Promise<Second>,
): Promise<[First, Second]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}
