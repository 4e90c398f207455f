// What CLI11 refuses, said as everything else is said: one sentence, what is wrong and what to do.
#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace strata::cli {

[[nodiscard]] std::string explain(const CLI::App& program, const CLI::ParseError& error);

// For `strata help NAME` too: "there is no command 'sreve' (did you mean 'serve'?); ..."
[[nodiscard]] std::string no_such_command(const CLI::App& program, const std::string& name);

}  // namespace strata::cli
