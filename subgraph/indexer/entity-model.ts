import { Kind, parse, type FieldDefinitionNode, type ObjectTypeDefinitionNode, type TypeNode } from "graphql/index.js";
import { MappingError } from "../host/errors.ts";

/** Types of fields that are kept as they are; everything else is an enumeration or another entity. */
export const scalars = [
  "ID",
  "String",
  "Bytes",
  "Int",
  "Int8",
  "BigInt",
  "BigDecimal",
  "Boolean",
  "Timestamp",
] as const;
export type Scalar = (typeof scalars)[number];

export interface Field {
  readonly name: string;
  readonly description: string;
  /** The scalar that it is kept as. An entity is kept as its id, an enumeration as its name. */
  readonly scalar: Scalar;
  /** What the schema says: a scalar, an enumeration or an entity. */
  readonly type: string;
  readonly refersTo: "scalar" | "enum" | "entity";
  readonly isRequired: boolean;
  readonly isList: boolean;
  /** The field of the other entity that this one is the reverse of; such a field is not kept. */
  readonly derivedFrom: string | undefined;
}

export interface EntityType {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly Field[];
  /** The fields that are kept. */
  readonly kept: readonly Field[];
  /** Never changed once it is there. */
  readonly isImmutable: boolean;
  /** A series of data points: ids and times are given by the indexer. */
  readonly isTimeseries: boolean;
}

export interface Enumeration {
  readonly name: string;
  readonly description: string;
  readonly values: readonly { readonly name: string; readonly description: string }[];
}

export interface EntityModel {
  readonly entities: ReadonlyMap<string, EntityType>;
  readonly enums: readonly Enumeration[];
}

/**
 * Reads a subgraph's schema. Aggregations and full-text searches are left out: this indexer has none.
 * @throws {MappingError} for what this indexer cannot keep
 */
export function readEntityModel(schema: string): EntityModel {
  const { definitions } = parse(schema);
  const enums = definitions.flatMap((each) =>
    each.kind === Kind.ENUM_TYPE_DEFINITION
      ? [
          {
            name: each.name.value,
            description: each.description?.value ?? "",
            values: (each.values ?? []).map(({ name, description }) => ({
              name: name.value,
              description: description?.value ?? "",
            })),
          },
        ]
      : [],
  );
  const nodes = definitions.filter(
    (each): each is ObjectTypeDefinitionNode =>
      each.kind === Kind.OBJECT_TYPE_DEFINITION && directive(each, "entity") !== undefined,
  );
  const names = {
    enums: new Set(enums.map(({ name }) => name)),
    entities: new Set(nodes.map(({ name }) => name.value)),
  };
  const ids = new Map(nodes.map((node) => [node.name.value, idScalar(node)]));
  const entities = nodes.map((node): EntityType => {
    const fields = (node.fields ?? []).map((field) => readField(node.name.value, field, names, ids));
    const isTimeseries = isTrue(node, "timeseries");
    return {
      name: node.name.value,
      description: node.description?.value ?? "",
      fields,
      kept: fields.filter(({ derivedFrom }) => derivedFrom === undefined),
      isImmutable: isTimeseries || isTrue(node, "immutable"),
      isTimeseries,
    };
  });
  return { entities: new Map(entities.map((entity) => [entity.name, entity])), enums };
}

function readField(
  entity: string,
  node: FieldDefinitionNode,
  names: { readonly enums: ReadonlySet<string>; readonly entities: ReadonlySet<string> },
  ids: ReadonlyMap<string, Scalar>,
): Field {
  const { type, isList, isRequired } = unwrap(node.type);
  const derived = node.directives?.find(({ name }) => name.value === "derivedFrom");
  const from = derived?.arguments?.find(({ name }) => name.value === "field")?.value;
  const derivedFrom = from?.kind === Kind.STRING ? from.value : undefined;
  const common = {
    name: node.name.value,
    description: node.description?.value ?? "",
    type,
    isRequired,
    isList,
    derivedFrom,
  };
  if (isScalar(type)) return { ...common, scalar: type, refersTo: "scalar" };
  if (names.enums.has(type)) return { ...common, scalar: "String", refersTo: "enum" };
  const id = ids.get(type);
  if (!names.entities.has(type) || id === undefined || (isList && derivedFrom === undefined)) {
    throw new MappingError("schema", `This indexer cannot keep ${entity}.${node.name.value} of type ${type}.`);
  }
  return { ...common, scalar: id, refersTo: "entity" };
}

function idScalar(node: ObjectTypeDefinitionNode): Scalar {
  const id = node.fields?.find(({ name }) => name.value === "id");
  const type = id === undefined ? "" : unwrap(id.type).type;
  if (!isScalar(type)) throw new MappingError("schema", `The entity ${node.name.value} has no id of a known type.`);
  return type;
}

function unwrap(node: TypeNode): { type: string; isList: boolean; isRequired: boolean } {
  if (node.kind === Kind.NON_NULL_TYPE) return { ...unwrap(node.type), isRequired: true };
  if (node.kind === Kind.LIST_TYPE) return { type: unwrap(node.type).type, isList: true, isRequired: false };
  return { type: node.name.value, isList: false, isRequired: false };
}

function directive(node: ObjectTypeDefinitionNode, name: string) {
  return node.directives?.find((each) => each.name.value === name);
}

function isTrue(node: ObjectTypeDefinitionNode, argument: string): boolean {
  const value = directive(node, "entity")?.arguments?.find(({ name }) => name.value === argument)?.value;
  return value?.kind === Kind.BOOLEAN && value.value;
}

function isScalar(type: string): type is Scalar {
  return (scalars as readonly string[]).includes(type);
}
