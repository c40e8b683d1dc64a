import { MappingError } from "../host/errors.ts";
import type { EntityData, StoreValue } from "../host/store-values.ts";
import type { EntityType, Enumeration, Field } from "./entity-model.ts";

/** What graph-node refuses to store: fields the schema does not have, values of other types, required fields without one. */
export function checkEntity(entity: EntityType, enums: readonly Enumeration[], id: string, data: EntityData): void {
  const refuse = (why: string): never => {
    throw new MappingError("mapping_entity", `A mapping stored ${entity.name} ${id} ${why}.`);
  };
  for (const name of data.keys()) {
    if (!entity.kept.some((field) => field.name === name)) refuse(`with ${name}, which its type does not have`);
  }
  for (const field of entity.kept) {
    const value = data.get(field.name);
    if (value === undefined || value.kind === "Null") {
      if (field.isRequired) refuse(`without ${field.name}`);
    } else if (!fits(field, enums, value)) {
      refuse(`with a ${field.name} of the kind ${value.kind} instead of ${field.type}`);
    }
  }
}

function fits(field: Field, enums: readonly Enumeration[], value: StoreValue): boolean {
  const isOne = (each: StoreValue): boolean => {
    if (field.refersTo === "enum") {
      const names = enums.find(({ name }) => name === field.type)?.values ?? [];
      return each.kind === "String" && names.some(({ name }) => name === each.value);
    }
    return each.kind === (field.scalar === "ID" ? "String" : field.scalar);
  };
  return field.isList ? value.kind === "Array" && value.value.every(isOne) : isOne(value);
}
