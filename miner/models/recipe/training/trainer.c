/*
 * Trains a small llama-architecture network on the CPU: RMS norm, rotary positions on adjacent pairs, grouped-query
 * attention, gated SiLU, tied embeddings, AdamW. Sequences of a batch are shared out to threads; each thread keeps its
 * own gradients, which are added in a fixed order, so that one machine gives the same weights for the same arguments.
 *
 * trainer TOKENS OUT vocab width layers heads keyHeads hidden window batch threads steps rate seed
 * trainer TOKENS check (same numbers)    compares gradients with finite differences
 *
 * TOKENS is a file of little-endian uint16 ids; OUT receives the weights as float32 in the order of `struct Weights`.
 */
#include <cblas.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern void openblas_set_num_threads(int threads);

static int vocab, width, layers, heads, keyHeads, hidden, window, batch, threads, steps;
static int headWidth, keyWidth;
static float rate;
static const float normEpsilon = 1e-5f, ropeBase = 10000.0f;

/* ---- weights: one flat array, addressed by offsets, so that the optimiser is one loop ---- */

struct Layer { size_t norm1, query, key, value, output, norm2, gate, up, down; };
struct Weights { size_t embedding, finalNorm, count; struct Layer *layer; };
static struct Weights at;
static float *weights;

static void layOut(void) {
  size_t next = 0;
  #define TAKE(field, n) at.field = next; next += (size_t)(n)
  at.layer = calloc(layers, sizeof *at.layer);
  TAKE(embedding, vocab * width);
  for (int l = 0; l < layers; l++) {
    TAKE(layer[l].norm1, width);
    TAKE(layer[l].query, width * width);
    TAKE(layer[l].key, keyWidth * width);
    TAKE(layer[l].value, keyWidth * width);
    TAKE(layer[l].output, width * width);
    TAKE(layer[l].norm2, width);
    TAKE(layer[l].gate, hidden * width);
    TAKE(layer[l].up, hidden * width);
    TAKE(layer[l].down, width * hidden);
  }
  TAKE(finalNorm, width);
  at.count = next;
  #undef TAKE
}

static uint64_t randomState;
static uint32_t randomWord(void) {
  randomState ^= randomState >> 12;
  randomState ^= randomState << 25;
  randomState ^= randomState >> 27;
  return (uint32_t)((randomState * 0x2545F4914F6CDD1DULL) >> 32);
}
static float randomUnit(void) { return (float)(randomWord() >> 8) / 16777216.0f; }
static float randomNormal(void) {
  float radius = sqrtf(-2 * logf(randomUnit() + 1e-7f));
  return radius * cosf(6.2831853f * randomUnit());
}

static float *floats(size_t count) {
  float *memory = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
  if (!memory) { fprintf(stderr, "out of memory\n"); exit(1); }
  memset(memory, 0, count * sizeof(float));
  return memory;
}

static void initialise(void) {
  weights = floats(at.count);
  for (size_t i = 0; i < at.count; i++) weights[i] = 0.02f * randomNormal();
  /* Matrices that write into the residual stream start smaller, so that its variance does not grow with depth. */
  float shrink = 1 / sqrtf(2.0f * layers);
  for (int l = 0; l < layers; l++) {
    struct Layer *w = &at.layer[l];
    for (int i = 0; i < width; i++) weights[w->norm1 + i] = weights[w->norm2 + i] = 1;
    for (int i = 0; i < width * width; i++) weights[w->output + i] *= shrink;
    for (int i = 0; i < width * hidden; i++) weights[w->down + i] *= shrink;
  }
  for (int i = 0; i < width; i++) weights[at.finalNorm + i] = 1;
}

/* ---- operations, each with its gradient ---- */

/* y[rows,out] = x[rows,in] * w[out,in]^T + keep * y */
static void linear(float *y, const float *x, const float *w, int rows, int in, int out, float keep) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, out, in, 1, x, in, w, in, keep, y, out);
}
/* dx = dy * w + keep * dx;  dw += dy^T * x */
static void linearBack(float *dx, float *dw, const float *dy, const float *x, const float *w, int rows, int in, int out,
                       float keep) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, in, out, 1, dy, out, w, in, keep, dx, in);
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, out, in, rows, 1, dy, out, x, in, 1, dw, in);
}

static void norm(float *y, float *inverse, const float *x, const float *w, int rows) {
  for (int r = 0; r < rows; r++, x += width, y += width) {
    float squares = 0;
    for (int i = 0; i < width; i++) squares += x[i] * x[i];
    inverse[r] = 1 / sqrtf(squares / width + normEpsilon);
    for (int i = 0; i < width; i++) y[i] = x[i] * inverse[r] * w[i];
  }
}
/* dx += ...;  dw += ... */
static void normBack(float *dx, float *dw, const float *dy, const float *x, const float *inverse, const float *w, int rows) {
  for (int r = 0; r < rows; r++, x += width, dx += width, dy += width) {
    float s = inverse[r], mix = 0;
    for (int i = 0; i < width; i++) {
      mix += dy[i] * w[i] * x[i];
      dw[i] += dy[i] * x[i] * s;
    }
    mix *= s * s * s / width;
    for (int i = 0; i < width; i++) dx[i] += dy[i] * w[i] * s - x[i] * mix;
  }
}

static float *ropeCos, *ropeSin;
static void prepareRope(void) {
  int half = headWidth / 2;
  ropeCos = floats((size_t)window * half);
  ropeSin = floats((size_t)window * half);
  for (int t = 0; t < window; t++)
    for (int i = 0; i < half; i++) {
      double angle = t * pow(ropeBase, -2.0 * i / headWidth);
      ropeCos[t * half + i] = (float)cos(angle);
      ropeSin[t * half + i] = (float)sin(angle);
    }
}
/* direction 1 turns forward; -1 turns back, which is also the gradient */
static void rope(float *x, int rows, int columns, float direction) {
  int half = headWidth / 2;
  for (int r = 0; r < rows; r++) {
    const float *c = ropeCos + (size_t)(r % window) * half, *s = ropeSin + (size_t)(r % window) * half;
    for (int head = 0; head < columns / headWidth; head++) {
      float *pair = x + (size_t)r * columns + head * headWidth;
      for (int i = 0; i < half; i++) {
        float a = pair[2 * i], b = pair[2 * i + 1], turn = direction * s[i];
        pair[2 * i] = a * c[i] - b * turn;
        pair[2 * i + 1] = a * turn + b * c[i];
      }
    }
  }
}

/* ---- one thread's share of a batch ---- */

struct Saved { float *in, *norm1, *scale1, *query, *key, *value, *attention, *mixed, *mid, *norm2, *scale2, *gate, *up, *act; };
struct Worker {
  pthread_t thread;
  int sequences, learn;
  const uint16_t **source;
  double loss;
  float *gradient;
  struct Saved *saved; /* one per layer, and the last holds the network's output */
  float *finalNorm, *finalScale, *logits;
  float *dx, *dNorm, *dQuery, *dKey, *dValue, *dMixed, *dScores, *dAct, *dGate, *dUp;
};

static struct Worker *createWorker(int sequences) {
  struct Worker *w = calloc(1, sizeof *w);
  size_t rows = (size_t)sequences * window;
  w->sequences = sequences;
  w->source = calloc(sequences, sizeof *w->source);
  w->gradient = floats(at.count);
  w->saved = calloc(layers + 1, sizeof *w->saved);
  for (int l = 0; l <= layers; l++) {
    struct Saved *s = &w->saved[l];
    s->in = floats(rows * width);
    if (l == layers) break;
    s->norm1 = floats(rows * width); s->scale1 = floats(rows);
    s->query = floats(rows * width); s->key = floats(rows * keyWidth); s->value = floats(rows * keyWidth);
    s->attention = floats((size_t)sequences * heads * window * window);
    s->mixed = floats(rows * width); s->mid = floats(rows * width);
    s->norm2 = floats(rows * width); s->scale2 = floats(rows);
    s->gate = floats(rows * hidden); s->up = floats(rows * hidden); s->act = floats(rows * hidden);
  }
  w->finalNorm = floats(rows * width); w->finalScale = floats(rows); w->logits = floats(rows * vocab);
  w->dx = floats(rows * width); w->dNorm = floats(rows * width);
  w->dQuery = floats(rows * width); w->dKey = floats(rows * keyWidth); w->dValue = floats(rows * keyWidth);
  w->dMixed = floats(rows * width); w->dScores = floats((size_t)window * window);
  w->dAct = floats(rows * hidden); w->dGate = floats(rows * hidden); w->dUp = floats(rows * hidden);
  return w;
}

/* Offsets of one head's first row inside the query, key and attention buffers. */
#define QUERY_AT(b, h) ((size_t)(b) * window * width + (h) * headWidth)
#define KEY_AT(b, h) ((size_t)(b) * window * keyWidth + (h) / (heads / keyHeads) * headWidth)
#define SCORES_AT(b, h) (((size_t)(b) * heads + (h)) * window * window)

static void attend(struct Worker *w, struct Saved *s) {
  float scale = 1 / sqrtf((float)headWidth);
  for (int b = 0; b < w->sequences; b++)
    for (int h = 0; h < heads; h++) {
      float *p = s->attention + SCORES_AT(b, h);
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, window, window, headWidth, scale, s->query + QUERY_AT(b, h),
                  width, s->key + KEY_AT(b, h), keyWidth, 0, p, window);
      for (int t = 0; t < window; t++) {
        float *row = p + (size_t)t * window, most = row[0], sum = 0;
        for (int j = 1; j <= t; j++) if (row[j] > most) most = row[j];
        for (int j = 0; j <= t; j++) sum += row[j] = expf(row[j] - most);
        for (int j = 0; j <= t; j++) row[j] /= sum;
        memset(row + t + 1, 0, (window - t - 1) * sizeof(float));
      }
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, window, headWidth, window, 1, p, window,
                  s->value + KEY_AT(b, h), keyWidth, 0, s->mixed + QUERY_AT(b, h), width);
    }
}

static void attendBack(struct Worker *w, struct Saved *s, int rows) {
  float scale = 1 / sqrtf((float)headWidth);
  memset(w->dKey, 0, (size_t)rows * keyWidth * sizeof(float));
  memset(w->dValue, 0, (size_t)rows * keyWidth * sizeof(float));
  for (int b = 0; b < w->sequences; b++)
    for (int h = 0; h < heads; h++) {
      const float *p = s->attention + SCORES_AT(b, h), *dMixed = w->dMixed + QUERY_AT(b, h);
      cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, window, headWidth, window, 1, p, window, dMixed, width, 1,
                  w->dValue + KEY_AT(b, h), keyWidth);
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, window, window, headWidth, 1, dMixed, width,
                  s->value + KEY_AT(b, h), keyWidth, 0, w->dScores, window);
      for (int t = 0; t < window; t++) {
        const float *row = p + (size_t)t * window;
        float *d = w->dScores + (size_t)t * window, sum = 0;
        for (int j = 0; j <= t; j++) sum += row[j] * d[j];
        for (int j = 0; j <= t; j++) d[j] = row[j] * (d[j] - sum) * scale;
        memset(d + t + 1, 0, (window - t - 1) * sizeof(float));
      }
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, window, headWidth, window, 1, w->dScores, window,
                  s->key + KEY_AT(b, h), keyWidth, 0, w->dQuery + QUERY_AT(b, h), width);
      cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, window, headWidth, window, 1, w->dScores, window,
                  s->query + QUERY_AT(b, h), width, 1, w->dKey + KEY_AT(b, h), keyWidth);
    }
}

static void forward(struct Worker *w, int rows) {
  for (int b = 0; b < w->sequences; b++)
    for (int t = 0; t < window; t++)
      memcpy(w->saved[0].in + (size_t)(b * window + t) * width,
             weights + at.embedding + (size_t)w->source[b][t] * width, width * sizeof(float));
  for (int l = 0; l < layers; l++) {
    struct Saved *s = &w->saved[l];
    struct Layer *p = &at.layer[l];
    norm(s->norm1, s->scale1, s->in, weights + p->norm1, rows);
    linear(s->query, s->norm1, weights + p->query, rows, width, width, 0);
    linear(s->key, s->norm1, weights + p->key, rows, width, keyWidth, 0);
    linear(s->value, s->norm1, weights + p->value, rows, width, keyWidth, 0);
    rope(s->query, rows, width, 1);
    rope(s->key, rows, keyWidth, 1);
    attend(w, s);
    memcpy(s->mid, s->in, (size_t)rows * width * sizeof(float));
    linear(s->mid, s->mixed, weights + p->output, rows, width, width, 1);
    norm(s->norm2, s->scale2, s->mid, weights + p->norm2, rows);
    linear(s->gate, s->norm2, weights + p->gate, rows, width, hidden, 0);
    linear(s->up, s->norm2, weights + p->up, rows, width, hidden, 0);
    for (size_t i = 0; i < (size_t)rows * hidden; i++) s->act[i] = s->gate[i] / (1 + expf(-s->gate[i])) * s->up[i];
    memcpy(w->saved[l + 1].in, s->mid, (size_t)rows * width * sizeof(float));
    linear(w->saved[l + 1].in, s->act, weights + p->down, rows, hidden, width, 1);
  }
  norm(w->finalNorm, w->finalScale, w->saved[layers].in, weights + at.finalNorm, rows);
  linear(w->logits, w->finalNorm, weights + at.embedding, rows, width, vocab, 0);
}

/* Sums the loss and turns the logits into their gradient in place. */
static void crossEntropy(struct Worker *w) {
  float share = 1.0f / ((float)batch * window);
  w->loss = 0;
  for (int b = 0; b < w->sequences; b++)
    for (int t = 0; t < window; t++) {
      float *z = w->logits + (size_t)(b * window + t) * vocab, most = z[0], sum = 0;
      int target = w->source[b][t + 1];
      for (int i = 1; i < vocab; i++) if (z[i] > most) most = z[i];
      float wanted = z[target] - most;
      for (int i = 0; i < vocab; i++) sum += z[i] = expf(z[i] - most);
      w->loss += logf(sum) - wanted;
      for (int i = 0; i < vocab; i++) z[i] *= share / sum;
      z[target] -= share;
    }
}

static void backward(struct Worker *w, int rows) {
  float *g = w->gradient;
  memset(g, 0, at.count * sizeof(float));
  memset(w->dx, 0, (size_t)rows * width * sizeof(float));
  linearBack(w->dNorm, g + at.embedding, w->logits, w->finalNorm, weights + at.embedding, rows, width, vocab, 0);
  normBack(w->dx, g + at.finalNorm, w->dNorm, w->saved[layers].in, w->finalScale, weights + at.finalNorm, rows);
  for (int l = layers - 1; l >= 0; l--) {
    struct Saved *s = &w->saved[l];
    struct Layer *p = &at.layer[l];
    linearBack(w->dAct, g + p->down, w->dx, s->act, weights + p->down, rows, hidden, width, 0);
    for (size_t i = 0; i < (size_t)rows * hidden; i++) {
      float z = s->gate[i], sigmoid = 1 / (1 + expf(-z)), d = w->dAct[i];
      w->dUp[i] = d * z * sigmoid;
      w->dGate[i] = d * s->up[i] * sigmoid * (1 + z * (1 - sigmoid));
    }
    linearBack(w->dNorm, g + p->gate, w->dGate, s->norm2, weights + p->gate, rows, width, hidden, 0);
    linearBack(w->dNorm, g + p->up, w->dUp, s->norm2, weights + p->up, rows, width, hidden, 1);
    normBack(w->dx, g + p->norm2, w->dNorm, s->mid, s->scale2, weights + p->norm2, rows);
    linearBack(w->dMixed, g + p->output, w->dx, s->mixed, weights + p->output, rows, width, width, 0);
    attendBack(w, s, rows);
    rope(w->dQuery, rows, width, -1);
    rope(w->dKey, rows, keyWidth, -1);
    linearBack(w->dNorm, g + p->query, w->dQuery, s->norm1, weights + p->query, rows, width, width, 0);
    linearBack(w->dNorm, g + p->key, w->dKey, s->norm1, weights + p->key, rows, width, keyWidth, 1);
    linearBack(w->dNorm, g + p->value, w->dValue, s->norm1, weights + p->value, rows, width, keyWidth, 1);
    normBack(w->dx, g + p->norm1, w->dNorm, s->in, s->scale1, weights + p->norm1, rows);
  }
  for (int b = 0; b < w->sequences; b++)
    for (int t = 0; t < window; t++) {
      float *row = g + at.embedding + (size_t)w->source[b][t] * width;
      const float *d = w->dx + (size_t)(b * window + t) * width;
      for (int i = 0; i < width; i++) row[i] += d[i];
    }
}

static void *work(void *argument) {
  struct Worker *w = argument;
  int rows = w->sequences * window;
  forward(w, rows);
  crossEntropy(w);
  if (w->learn) backward(w, rows);
  return NULL;
}

/* ---- the optimiser and the loop ---- */

static void adamStep(const float *gradient, float *mean, float *square, float learningRate, int step) {
  const float keepMean = 0.9f, keepSquare = 0.97f, decay = 0.05f, longest = 1.0f;
  double squares = 0;
  for (size_t i = 0; i < at.count; i++) squares += gradient[i] * gradient[i];
  float clip = squares > longest * longest ? longest / sqrtf((float)squares) : 1;
  float correctMean = 1 / (1 - powf(keepMean, step)), correctSquare = 1 / (1 - powf(keepSquare, step));
  for (size_t i = 0; i < at.count; i++) {
    float g = gradient[i] * clip;
    mean[i] = keepMean * mean[i] + (1 - keepMean) * g;
    square[i] = keepSquare * square[i] + (1 - keepSquare) * g * g;
    weights[i] -= learningRate * (mean[i] * correctMean / (sqrtf(square[i] * correctSquare) + 1e-8f) + decay * weights[i]);
  }
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

static void runWorkers(struct Worker **workers) {
  for (int i = 1; i < threads; i++) pthread_create(&workers[i]->thread, NULL, work, workers[i]);
  work(workers[0]);
  for (int i = 1; i < threads; i++) pthread_join(workers[i]->thread, NULL);
}

/* Points every worker at random windows of tokens[from, to) and returns the batch's mean loss. */
static double runBatch(struct Worker **workers, const uint16_t *tokens, size_t from, size_t to, int learn) {
  double loss = 0;
  for (int i = 0; i < threads; i++) {
    workers[i]->learn = learn;
    for (int b = 0; b < workers[i]->sequences; b++)
      workers[i]->source[b] = tokens + from + randomWord() % (to - from - window - 1);
  }
  runWorkers(workers);
  for (int i = 0; i < threads; i++) loss += workers[i]->loss;
  return loss / ((double)batch * window);
}

static void train(struct Worker **workers, const uint16_t *tokens, size_t learnt, size_t count) {
  float *mean = floats(at.count), *square = floats(at.count);
  double started = seconds(), shown = 0, smooth = 0;
  for (int step = 1; step <= steps; step++) {
    double loss = runBatch(workers, tokens, 0, learnt, 1);
    float *gradient = workers[0]->gradient;
    for (int i = 1; i < threads; i++)
      for (size_t j = 0; j < at.count; j++) gradient[j] += workers[i]->gradient[j];
    float warm = step < 100 ? step / 100.0f : 1, fall = 0.5f * (1 + cosf(3.14159265f * step / steps));
    adamStep(gradient, mean, square, rate * warm * (0.05f + 0.95f * fall), step);
    smooth = step == 1 ? loss : 0.95 * smooth + 0.05 * loss;
    if (seconds() - shown > 10 || step == steps) {
      shown = seconds();
      printf("step %d loss %.4f tokens/s %.0f seconds %.0f\n", step, smooth, (double)step * batch * window / (shown - started), shown - started);
      fflush(stdout);
    }
  }
  double held = 0;
  for (int i = 0; i < 16; i++) held += runBatch(workers, tokens, learnt, count, 0);
  printf("held-out loss %.4f\n", held / 16);
}

static void checkGradients(struct Worker **workers, const uint16_t *tokens) {
  struct Worker *w = workers[0];
  struct Layer *p = &at.layer[layers - 1];
  size_t picked[] = { at.embedding + (size_t)tokens[5] * width + 3, p->norm1 + 2, p->query + 77, p->key + 55, p->value + 99,
                      p->output + 12, p->norm2 + 5, p->gate + 8, p->up + 9, p->down + 33, at.finalNorm + 1 };
  for (int b = 0; b < w->sequences; b++) w->source[b] = tokens + b * window;
  batch = w->sequences;
  w->learn = 1;
  work(w);
  w->learn = 0;
  for (size_t i = 0; i < sizeof picked / sizeof *picked; i++) {
    float *weight = weights + picked[i], kept = *weight, nudge = 2e-2f;
    *weight = kept + nudge; work(w); double above = w->loss;
    *weight = kept - nudge; work(w); double below = w->loss;
    *weight = kept;
    printf("%zu measured %.6f computed %.6f\n", i, (above - below) / (2 * nudge * batch * window), w->gradient[picked[i]]);
  }
}

static uint16_t *readTokens(const char *path, size_t *count) {
  FILE *file = fopen(path, "rb");
  if (!file) { perror(path); exit(1); }
  fseek(file, 0, SEEK_END);
  *count = (size_t)ftell(file) / 2;
  rewind(file);
  uint16_t *tokens = malloc(*count * 2);
  if (!tokens || fread(tokens, 2, *count, file) != *count) { fprintf(stderr, "cannot read %s\n", path); exit(1); }
  fclose(file);
  return tokens;
}

int main(int argc, char **argv) {
  if (argc != 15) { fprintf(stderr, "usage: trainer TOKENS OUT vocab width layers heads keyHeads hidden window batch threads steps rate seed\n"); return 2; }
  int *numbers[] = { &vocab, &width, &layers, &heads, &keyHeads, &hidden, &window, &batch, &threads, &steps };
  for (int i = 0; i < 10; i++) *numbers[i] = atoi(argv[3 + i]);
  rate = (float)atof(argv[13]);
  randomState = 88172645463325252ULL + strtoull(argv[14], NULL, 10) * 7919;
  headWidth = width / heads;
  keyWidth = headWidth * keyHeads;
  openblas_set_num_threads(1);

  size_t count;
  uint16_t *tokens = readTokens(argv[1], &count);
  layOut();
  initialise();
  prepareRope();
  struct Worker **workers = calloc(threads, sizeof *workers);
  for (int i = 0; i < threads; i++) workers[i] = createWorker(batch / threads);
  printf("weights %zu tokens %zu\n", at.count, count);
  fflush(stdout);
  if (strcmp(argv[2], "check") == 0) { checkGradients(workers, tokens); return 0; }
  train(workers, tokens, count / 100 * 98, count);

  FILE *out = fopen(argv[2], "wb");
  if (!out || fwrite(weights, sizeof(float), at.count, out) != at.count || fclose(out) != 0) { perror(argv[2]); return 1; }
  return 0;
}
