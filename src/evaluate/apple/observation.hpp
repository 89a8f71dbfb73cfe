// One call of a watched method, from before the original runs until after it.
#pragma once

#include "evaluate/apple/hook_functions.hpp"

#include <memory>

namespace anecompat::evaluate::apple {

// What the call is about. Borrowed from the caller for the length of the call.
struct Subject {
  id model = nullptr;                    // an _ANEModel; null happens
  id request = nullptr;                  // an _ANERequest, of an evaluation
  bool in_memory = false;                // `model` is an _ANEInMemoryModel that holds the model
  const unsigned int* status = nullptr;  // where the raw status is after the call
};

// Watched methods call each other: on each thread only the outermost of a kind makes an event, and
// the innermost evaluation hook adds the raw status to it. Nothing here calls Core ML or the ANE
// client, which hold locks now, and no exception leaves it.
class Observation {
 public:
  // `recorder` may be null: then the call is only passed on.
  Observation(const HookRow& row, std::shared_ptr<Recorder> recorder, const Subject& subject);
  // Without finish(), an exception is on its way through the call: it did not succeed.
  ~Observation();
  Observation(const Observation&) = delete;
  Observation& operator=(const Observation&) = delete;

  // `error`: the NSError of the call, or nil.
  void finish(bool ok, id error) noexcept;

 private:
  void record(AneEvent event, id error) noexcept;
  void describe(AneEvent& event, id error) const;
  void describe_request(AneEvent& event) const;

  const HookRow& m_row;
  std::shared_ptr<Recorder> m_recorder;
  Subject m_subject;
  bool m_outermost = false;
  bool m_finished = false;
};

}  // namespace anecompat::evaluate::apple
