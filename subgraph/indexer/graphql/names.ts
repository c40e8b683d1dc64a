/** A type's name as a field of the query: `StakeAdded` is `stakeAdded`. */
export function singular(entity: string): string {
  return entity.charAt(0).toLowerCase() + entity.slice(1);
}

/** The name of its list, as graph-node forms it. */
export function plural(entity: string): string {
  const name = singular(entity);
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return /(s|sh|ch|x|z)$/.test(name) ? `${name}es` : `${name}s`;
}
