// strata users: who may log in at a server, in a file for `strata serve --users`.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/users/password.hpp"
#include "strata/cli/columns.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/rate.hpp"
#include "strata/cli/users/password_prompt.hpp"
#include "strata/cli/users/users_editor.hpp"

namespace strata::cli {
namespace {

using application::UserLine;

struct UsersCommand {
    std::string how;
    std::string name;
    std::string file;
    std::string rights;
    std::string folder;
    std::string quota;
};

// The XDG base directory specification.
std::string default_users_file() {
    const auto variable = [](const char* name) -> std::string {
        const char* const value = std::getenv(name);
        return value == nullptr ? "" : value;
    };
    const std::string config = variable("XDG_CONFIG_HOME"), home = variable("HOME");
    if (config.starts_with('/')) return config + "/strata/users";
    if (home.starts_with('/')) return home + "/.config/strata/users";
    throw WrongUse("there is no home folder for a file of users; name one with --file FILE");
}

void list_users(const UsersEditor& editor, const std::string& path) {
    if (editor.users().empty()) return fmt::print("{} has no users\n", printable(path));
    std::size_t width = 4;
    for (const UserLine& user : editor.users()) width = std::max(width, columns_of(printable(user.name)));
    const auto row = [width](std::string_view name, std::string_view rights, std::string_view quota,
                             std::string_view folder) {
        fmt::print("{}{}  {:<6}  {:>14}  {}\n", name, std::string(width - columns_of(name), ' '), rights, quota,
                   folder);
    };
    row("name", "rights", "quota", "folder");
    for (const UserLine& user : editor.users()) {
        row(printable(user.name), name_of(user.rights), user.quota ? std::to_string(*user.quota) : "-",
            user.folder.empty() ? "the served one" : printable(user.folder));
    }
}

// Who is there already keeps what is not said anew.
int add_user(UsersEditor& editor, const UsersCommand& command, std::uint64_t quota, const std::string& path) {
    const UserLine* const before = editor.find(command.name);
    UserLine user = before == nullptr ? UserLine{.name = command.name, .hash = ""} : *before;
    if (const auto wrong = application::wrong_with_name(command.name)) throw WrongUse(*wrong + "; choose another");
    if (!command.rights.empty()) user.rights = application::rights_named(command.rights).value();
    if (!command.folder.empty()) user.folder = command.folder;
    if (!command.quota.empty()) user.quota = quota;
    const auto is_control = [](char letter) { return (letter >= 0 && letter < ' ') || letter == 0x7F; };
    if (std::ranges::any_of(command.folder, is_control))
        throw WrongUse("--folder: a name with control characters cannot be in the file; choose another folder");
    std::string password = ask_for_password(command.name);
    if (password.size() > application::password_size_max || password.find('\0') != std::string::npos)
        throw std::runtime_error(
            fmt::format("a password has at most {} bytes, and none of them is 0; choose a shorter one",
                        application::password_size_max));
    user.hash = application::hash_password(password);
    application::forget(password);
    const bool is_new = before == nullptr;
    editor.put(user);
    editor.write();
    fmt::print("{} {} in {}; serve with: strata serve --users {} --tls self\n", is_new ? "added" : "changed",
               printable(user.name), printable(path), printable(path));
    return 0;
}

int run_users(const UsersCommand& command) {
    const auto quota = command.quota.empty() ? 0 : parse_byte_count("--quota", command.quota);
    const std::string path = command.file.empty() ? default_users_file() : command.file;
    UsersEditor editor(path);
    const bool says_more = !command.rights.empty() || !command.folder.empty() || !command.quota.empty();
    if (command.how != "add" && says_more)
        throw WrongUse("--rights, --folder and --quota are of users add; leave them out");
    if (command.how == "list") {
        if (!command.name.empty()) throw WrongUse("users list shows all; leave the name out");
        list_users(editor, path);
        return 0;
    }
    if (command.name.empty()) throw WrongUse("users " + command.how + " needs a name; write one, such as ann");
    if (command.how == "add") return add_user(editor, command, quota, path);
    if (editor.find(command.name) == nullptr)
        throw std::runtime_error(
            fmt::format("{} has no user {}; `strata users list` shows them", printable(path), printable(command.name)));
    editor.remove(command.name);
    editor.write();
    fmt::print("removed {} from {}\n", printable(command.name), printable(path));
    return 0;
}

}  // namespace

void add_users(CLI::App& app, Action& action) {
    auto options = std::make_shared<UsersCommand>();
    CLI::App* command =
        app.add_subcommand("users", "Write the file of those who may log in at `strata serve --users`.");
    command->add_option("HOW", options->how, "add a user, or give him another password; list them; or remove one")
        ->required()
        ->check(CLI::IsMember({"add", "list", "remove"}));
    command->add_option("USER", options->name, "of this name");
    command
        ->add_option("--file", options->file,
                     "in this file (default: strata/users in $XDG_CONFIG_HOME, or in ~/.config)")
        ->type_name("FILE");
    command->add_option("--rights", options->rights, "add: he may only read (default), add files, or do all")
        ->type_name("TEXT")
        ->check(CLI::IsMember({"read", "add", "all"}));
    command
        ->add_option("--folder", options->folder,
                     "add: he has this folder beneath the served one, or elsewhere with its whole path (default: the "
                     "served one)")
        ->type_name("DIR");
    command
        ->add_option("--quota", options->quota,
                     "add: his folder holds so many bytes at most, such as 500M or 2G (default: no bound)")
        ->type_name("BYTES");
    command->callback([options, &action] { action = [options] { return run_users(*options); }; });
}

}  // namespace strata::cli
