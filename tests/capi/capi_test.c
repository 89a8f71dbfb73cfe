/* capi_test EXAMPLES LOGDIR */
#include "anecompat.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char* s_examples;

static void check(int holds, const char* what, int line) {
  if (holds)
    return;
  fprintf(stderr, "capi_test.c:%d: not so: %s\n", line, what);
  exit(1);
}
#define CHECK(condition) check((condition), #condition, __LINE__)

static void example(char* path, size_t size, const char* name) {
  const int length = snprintf(path, size, "%s/%s", s_examples, name);
  CHECK(length > 0 && (size_t)length < size);
}

static int level(const char* name) {
  char path[4096];
  example(path, sizeof path, name);
  return test_ane_compatibility_coreml_model(path, NULL);
}

/* The result must hold `part`, and the call return `code`. */
static void expect(const char* name, const char* options, int code, const char* part) {
  char path[4096];
  char* out = NULL;
  int result = 0;
  example(path, sizeof path, name);
  result = anecompat_evaluate_json(path, options, &out);
  CHECK(out != NULL);
  if (result != code || strstr(out, part) == NULL) {
    fprintf(stderr, "%s with %s: %d, expected %d and %s in:\n%s\n", name,
            options == NULL ? "NULL" : options, result, code, part, out);
    exit(1);
  }
  anecompat_free(out);
}

static void test_levels(void) {
  CHECK(level("ChurnTrees.mlmodel") == ANECOMPAT_NONE);
  CHECK(level("ImageClassifierFp32.mlpackage") == ANECOMPAT_NONE);
  CHECK(level("no such model.mlmodel") == ANECOMPAT_ERROR_READ);
  CHECK(test_ane_compatibility_coreml_model(NULL, NULL) == ANECOMPAT_ERROR_OTHER);
  CHECK(test_ane_compatibility_coreml_model("", NULL) == ANECOMPAT_ERROR_OTHER);
}

static void test_log_directory(const char* directory) {
  char path[4096];
  char report[4096];
  FILE* file = NULL;
  example(path, sizeof path, "ChurnTrees.mlmodel");
  CHECK(test_ane_compatibility_coreml_model(path, directory) == ANECOMPAT_NONE);
  snprintf(report, sizeof report, "%s/report.json", directory);
  file = fopen(report, "r");
  CHECK(file != NULL);
  fclose(file);
}

static void test_options(void) {
  expect("ChurnTrees.mlmodel", NULL, 0, "\"level\": \"none\"");
  expect("ChurnTrees.mlmodel", "{\"targets\": [\"m1\", \"a17pro\"]}", 0, "\"target\": \"h13\"");
  expect("ChurnTrees.mlmodel", "{\"isolate\": true}", 0, "\"level\": \"none\"");
  expect("ChurnTrees.mlmodel", "{\"targts\": []}", ANECOMPAT_ERROR_OTHER,
         "did you mean \\\"targets\\\"?");
  expect("ChurnTrees.mlmodel", "{\"targets\": [\"z80\"]}", ANECOMPAT_ERROR_OTHER, "z80");
  expect("ChurnTrees.mlmodel", "{\"isolate\": 1}", ANECOMPAT_ERROR_OTHER, "isolate: must be true");
  expect("ChurnTrees.mlmodel", "{\"retries\": 99}", ANECOMPAT_ERROR_OTHER, "at most 10");
  expect("ChurnTrees.mlmodel", "{\"reshape_frequency\": \"seldom\"}", ANECOMPAT_ERROR_OTHER,
         "\"options: \\\"reshape_frequency\\\" is");
  expect("ChurnTrees.mlmodel", "{\"reshape_frequency\": \"infrequent\"}", 0, "\"level\": \"none\"");
  expect("ChurnTrees.mlmodel", "[]", ANECOMPAT_ERROR_OTHER, "one JSON object");
  expect("ChurnTrees.mlmodel", "[[[[[[[[", ANECOMPAT_ERROR_OTHER, "one JSON object");
  expect("ChurnTrees.mlmodel", "{\"timeout\": \"soon\"}", ANECOMPAT_ERROR_OTHER, "soon");
  expect("ChurnTrees.mlmodel", "{\"rules\": \"/no/such\"}", ANECOMPAT_ERROR_OTHER, "/no/such");
  expect("no such model.mlmodel", NULL, 0, "\"kind\":\"not-found\"");
}

static void test_wrong_arguments(void) {
  char* out = NULL;
  CHECK(anecompat_evaluate_json(NULL, NULL, &out) == ANECOMPAT_ERROR_OTHER);
  CHECK(out != NULL && strstr(out, "no model path") != NULL);
  anecompat_free(out);
  CHECK(anecompat_evaluate_json("x", NULL, NULL) == ANECOMPAT_ERROR_OTHER);
  anecompat_free(NULL);
}

static void* evaluate_again_and_again(void* result) {
  char path[4096];
  example(path, sizeof path, "KeywordSpotter.mlpackage");
  for (int i = 0; i < 20; ++i) {
    char* out = NULL;
    if (anecompat_evaluate_json(path, NULL, &out) != 0)
      return result;
    anecompat_free(out);
  }
  *(int*)result = 1;
  return result;
}

static void test_threads(void) {
  enum { k_threads = 4 };
  pthread_t threads[k_threads];
  int done[k_threads] = {0};
  for (int i = 0; i < k_threads; ++i)
    CHECK(pthread_create(&threads[i], NULL, evaluate_again_and_again, &done[i]) == 0);
  for (int i = 0; i < k_threads; ++i) {
    CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(done[i]);
  }
}

int main(int argc, char** argv) {
  CHECK(argc == 3);
  s_examples = argv[1];
  CHECK(anecompat_api_version() == ANECOMPAT_API_VERSION);
  CHECK(strchr(anecompat_version(), '.') != NULL);
  test_levels();
  test_log_directory(argv[2]);
  test_options();
  test_wrong_arguments();
  test_threads();
  return 0;
}
