// What the sanitizers should know of GNUstep, built in: CTest also starts the programs to list
// their tests, where no environment of a test applies. Without a sanitizer nobody calls these.

extern "C" {

// GNUstep and the Objective-C runtime keep what they make at start-up: classes, selectors, constant
// strings, locales and per-thread data.
const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier,cert-dcl37-c)
const char* __lsan_default_suppressions() {
  return "leak:libgnustep-base.so\nleak:libobjc.so\n";
}

const char* __lsan_default_options();  // NOLINT(bugprone-reserved-identifier,cert-dcl37-c)
const char* __lsan_default_options() {
  return "print_suppressions=0";
}

// They guard their tables with their own locks and double-checked reads, and are not instrumented.
const char* __tsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier,cert-dcl37-c)
const char* __tsan_default_suppressions() {
  return "called_from_lib:libobjc.so\n"
         "called_from_lib:libgnustep-base.so\n"
         "deadlock:libgnustep-base.so\n"
         "deadlock:libobjc.so\n";
}

const char* __tsan_default_options();  // NOLINT(bugprone-reserved-identifier,cert-dcl37-c)
const char* __tsan_default_options() {
  return "halt_on_error=1:second_deadlock_stack=1";
}

const char* __asan_default_options();  // NOLINT(bugprone-reserved-identifier,cert-dcl37-c)
const char* __asan_default_options() {
  return "detect_leaks=1:handle_segv=0:handle_abort=0";
}

}  // extern "C"
