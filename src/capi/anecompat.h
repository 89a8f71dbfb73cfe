/* libANECompat: does a Core ML model run on the Apple Neural Engine?
 *
 * Plain C. Every function may be called from several threads at once. Nothing is printed on
 * standard output; messages for people go to standard error, fit for a terminal whatever they
 * quote. Paths and JSON are UTF-8. */
#ifndef ANECOMPAT_H
#define ANECOMPAT_H

#if defined(__GNUC__)
#define ANECOMPAT_API __attribute__((visibility("default")))
#else
#define ANECOMPAT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when functions or options are added; what was there keeps its meaning. */
#define ANECOMPAT_API_VERSION 1

/* The levels, and why there is none. The numbers are those of the original ANECompat, and 8. */
enum {
  ANECOMPAT_FULL = 0,             /* everything runs on the ANE */
  ANECOMPAT_PARTIAL = 1,          /* some of it does */
  ANECOMPAT_NONE = 2,             /* nothing does */
  ANECOMPAT_ERROR_READ = 3,       /* the model cannot be read */
  ANECOMPAT_ERROR_COMPILE = 4,    /* Core ML cannot compile or load it */
  ANECOMPAT_ERROR_INPUT = 5,      /* no input can be made for it */
  ANECOMPAT_ERROR_PREDICTION = 6, /* it cannot be run */
  ANECOMPAT_ERROR_OTHER = 7,      /* a crash, a timeout, a wrong argument, … */
  ANECOMPAT_UNKNOWN = 8           /* no verdict is possible, on a machine without an ANE for one */
};

/* ANECOMPAT_API_VERSION of the library that is loaded. */
ANECOMPAT_API int anecompat_api_version(void);

/* "0.1.0"; never freed. */
ANECOMPAT_API const char* anecompat_version(void);

/* The level of a model on this machine's chip (elsewhere: on an M4), or an error, as numbered
 * above. Where the machine has an ANE the model is run; elsewhere the answer is a prediction from
 * the file, and a line on standard error says so. log_dir, when not NULL, is a directory that
 * receives what was found. */
ANECOMPAT_API int test_ane_compatibility_coreml_model(const char* path, const char* log_dir);

/* The evaluation of a model as JSON: an entry as it stands in report.json.
 *
 * options_json is NULL or an object with any of these members; others are errors:
 *   targets        ["m1", "h16", "host"]; default: this machine's chip, else h16
 *   evidence       "auto" (default), "measured", "planned" or "predicted"
 *   compute_units  "cpu_and_ne" (default) or "all"
 *   function       of a model with several
 *   reshape_frequency  "frequent" (default) or "infrequent", as the app tells Core ML of flexible inputs
 *   rules          a directory of op rules that replaces the built-in ones
 *   timeout        "90s", "5m" (default)
 *   isolate        true: predict in another process as well
 *   retries        how often a process that is lost is tried again; default 0
 *   program        path of the anecompat program that other processes are started from; default:
 *                  $ANECOMPAT_PROGRAM, else the one installed with this library
 *   log_dir        as above
 *
 * Returns 0 and sets *out when the question could be asked; that the model cannot be evaluated is
 * an answer to it ("error" in its evaluations). Returns ANECOMPAT_ERROR_OTHER and sets *out to
 * {"error": {"kind", "message"}} when an argument is wrong. *out is to be given to anecompat_free;
 * it is NULL only when memory ran out. */
ANECOMPAT_API int anecompat_evaluate_json(const char* path, const char* options_json, char** out);

/* Frees what anecompat_evaluate_json made. NULL is fine. */
ANECOMPAT_API void anecompat_free(char* text);

#ifdef __cplusplus
}
#endif

#endif
