/** Weight formats that llama.cpp reads, from the finest to the coarsest. */
export const formatNames = ["F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0", "Q3_K_M", "Q2_K"] as const;
export type WeightFormat = (typeof formatNames)[number];

export interface FormatFacts {
  /** Mean over a whole model, scales included. */
  bitsPerWeight: number;
  /** Results can be checked from one prefill, however busy the engine was. */
  checkable: boolean;
  /** What is lost against F16, in words for a person. */
  loss: string;
}

/** The mixed formats keep some matrices finer; their means are those of llama.cpp's quantiser on 7 to 8 billion weights. */
export const formats: Readonly<Record<WeightFormat, FormatFacts>> = {
  F16: { bitsPerWeight: 16, checkable: false, loss: "nothing" },
  Q8_0: { bitsPerWeight: 8.5, checkable: true, loss: "nothing that is noticed" },
  Q6_K: { bitsPerWeight: 6.57, checkable: false, loss: "hardly anything" },
  Q5_K_M: { bitsPerWeight: 5.7, checkable: false, loss: "little" },
  Q4_K_M: { bitsPerWeight: 4.89, checkable: false, loss: "some" },
  Q4_0: { bitsPerWeight: 4.5, checkable: true, loss: "some" },
  Q3_K_M: { bitsPerWeight: 4.0, checkable: false, loss: "much" },
  Q2_K: { bitsPerWeight: 3.2, checkable: false, loss: "too much for most work" },
};
