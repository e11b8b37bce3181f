/** A choice that is a status code, as against a way to end. */
export const isStatus = (choice: string): choice is `${number}` => /^\d+$/.test(choice);

export const statusOf = (choice: `${number}`): number => Number(choice);
