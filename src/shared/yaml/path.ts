/** Keys and indices from the top of a YAML text: `['schedule', 2, 'do']`. */
export type YamlKey = string | number;
export type YamlPath = readonly YamlKey[];
