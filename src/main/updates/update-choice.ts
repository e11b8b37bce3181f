/** Whether the program asks by itself whether there is a new version. Off, it makes no such request. */
export const UPDATE_CHOICES = ['off', 'check'] as const;
export type UpdateChoice = (typeof UPDATE_CHOICES)[number];
