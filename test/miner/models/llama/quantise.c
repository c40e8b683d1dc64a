/* Calls llama.cpp's own quantiser: quantise SOURCE TARGET FILE_TYPE. The libraries are those of the inference package. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* As the library lays it out; `pure` gives all matrices one format. */
struct quantize_params {
  int32_t threads;
  int file_type, output_type, embedding_type;
  bool allow_requantize, quantize_output, only_copy, pure, keep_split, dry_run;
  const void *importance, *metadata_overrides, *tensor_overrides;
  const int32_t *pruned;
  size_t buffer_bytes;
};

struct quantize_params llama_model_quantize_default_params(void);
uint32_t llama_model_quantize(const char *source, const char *target, const struct quantize_params *params);
void llama_backend_init(void);

int main(int count, char **arguments) {
  if (count != 4) return 2;
  llama_backend_init();
  struct quantize_params params = llama_model_quantize_default_params();
  params.file_type = atoi(arguments[3]);
  params.pure = true;
  params.threads = 1;
  return llama_model_quantize(arguments[1], arguments[2], &params) == 0 ? 0 : 1;
}
