#include "strata/cli/completion/completion.hpp"

#include "strata/cli/commands.hpp"

namespace strata::cli {

std::vector<std::string> completion_shells() { return {"bash", "zsh", "fish"}; }

std::string completion(const Pages& pages, std::string_view shell) {
    if (shell == "bash") return completion_for_bash(pages);
    if (shell == "zsh") return completion_for_zsh(pages);
    if (shell == "fish") return completion_for_fish(pages);
    throw WrongUse("no completion is made for " + std::string(shell) + "; write bash, zsh or fish");
}

std::vector<std::string> names_with_values(const Page& page) {
    std::vector<std::string> names;
    for (const Argument& option : page.options) {
        if (!option.value.empty()) names.insert(names.end(), option.names.begin(), option.names.end());
    }
    return names;
}

}  // namespace strata::cli
