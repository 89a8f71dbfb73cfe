#include "evaluate/apple/program.hpp"

#include "evaluate/apple/espresso_key.hpp"
#include "evaluate/apple/objc_support.hpp"

namespace anecompat::evaluate::apple {

namespace {

// More than any real program has; attributes come from another process.
constexpr std::size_t k_max_symbols = 16384;

// Symbols of outputs carry this suffix; the value's name is what is before it.
constexpr std::string_view k_output_suffix = "@output";

std::uint64_t unsigned_property(id object, SEL selector) {
  return static_cast<std::uint64_t>(integer_property(object, selector).value_or(0));
}

std::string symbol_name(id symbol) {
  auto name = text_of(as_string(symbol));
  if (name.ends_with(k_output_suffix))
    name.resize(name.size() - k_output_suffix.size());
  return name;
}

void add_symbol(NSArray* symbols, std::uint64_t index, std::vector<std::string>& names) {
  if (index >= [symbols count] || names.size() >= k_max_symbols)
    return;
  auto name = symbol_name([symbols objectAtIndex:static_cast<NSUInteger>(index)]);
  if (!name.empty())
    names.push_back(std::move(name));
}

// The names at `indices`, which is an NSArray of numbers on some systems and an NSIndexSet on
// others.
std::vector<std::string> names_at(id indices, NSArray* symbols) {
  std::vector<std::string> names;
  if ([indices isKindOfClass:[NSIndexSet class]]) {
    NSIndexSet* set = indices;
    for (NSUInteger index = [set firstIndex]; index != static_cast<NSUInteger>(NSNotFound);
         index = [set indexGreaterThanIndex:index]) {
      if (index >= [symbols count])
        break;
      add_symbol(symbols, index, names);
    }
    return names;
  }
  for (id index in as_array(indices)) {
    const auto number = as_integer(index);
    if (number && *number >= 0)
      add_symbol(symbols, static_cast<std::uint64_t>(*number), names);
  }
  return names;
}

// The names of the keys are those that AppleNeuralEngine exports as constants.
void name_from_attributes(id model, AneProgram& program) {
  NSDictionary* attributes = as_dictionary(object_property(model, @selector(modelAttributes)));
  NSDictionary* description = as_dictionary([attributes objectForKey:@"ANEFModelDescription"]);
  NSArray* inputs = as_array([description objectForKey:@"kANEFModelInputSymbolsArrayKey"]);
  NSArray* outputs = as_array([description objectForKey:@"kANEFModelOutputSymbolsArrayKey"]);
  if (inputs == nil || outputs == nil)
    return;
  std::uint32_t position = 0;
  for (id item in as_array([description objectForKey:@"ANEFModelProcedures"])) {
    NSDictionary* entry = as_dictionary(item);
    const auto number = as_integer([entry objectForKey:@"ANEFModelProcedureID"]);
    AneProcedure procedure;
    procedure.index = number && *number >= 0 ? static_cast<std::uint32_t>(*number) : position;
    procedure.inputs = names_at([entry objectForKey:@"ANEFModelInputSymbolIndexArray"], inputs);
    procedure.outputs = names_at([entry objectForKey:@"ANEFModelOutputSymbolIndexArray"], outputs);
    ++position;
    if (procedure.inputs.empty() && procedure.outputs.empty())
      continue;
    program.procedures.push_back(std::move(procedure));
    if (program.procedures.size() >= k_max_symbols)
      break;
  }
  if (!program.procedures.empty())
    program.names = NameSource::symbols;
}

}  // namespace

ProgramToken program_token(id model) {
  return {
    model, unsigned_property(model, @selector(string_id))
  };
}

AneProgram describe_program(id model) {
  AneProgram program;
  program.string_id = unsigned_property(model, @selector(string_id));
  program.handle = unsigned_property(model, @selector(programHandle));
  program.uuid = text_of(object_property(model, @selector(UUID)));
  program.key = text_of(object_property(model, @selector(key)));
  program.model_url = text_of(object_property(model, @selector(modelURL)));
  program.source_url = text_of(object_property(model, @selector(sourceURL)));
  program.cache_identifier = text_of(object_property(model, @selector(cacheURLIdentifier)));
  program.identifier_source = integer_property(model, @selector(identifierSource));
  if (!name_from_key(program))
    name_from_attributes(model, program);
  return program;
}

}  // namespace anecompat::evaluate::apple
