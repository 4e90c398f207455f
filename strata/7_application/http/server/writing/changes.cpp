#include "strata/7_application/http/server/writing/changes.hpp"

#include <algorithm>

#include "strata/7_application/http/message/url.hpp"

namespace strata::application::http {
namespace {

constexpr std::string_view only_new = "Here files may be added, not replaced or removed.";

std::string_view path_of(const Request& request) {
    return std::string_view(request.target).substr(0, request.target.find('?'));
}

Answer done(unsigned status) {
    Answer answer;
    answer.status = status;
    return answer;
}

Answer remove(const FileRoot& root, const Moment& now, const Request& request, const std::string& name) {
    if (root.rights() < FileRights::all) return error_answer(403, only_new);
    const auto there = facts_at(root, name);
    if (!there || (!there->folder && path_of(request).ends_with('/'))) return error_answer(404);
    if (!conditions_hold(request.conditions, there, now)) return error_answer(412);
    const auto removed = root.remove(name);
    if (removed) return done(204);
    return removed.error() == std::errc::no_such_file_or_directory ? error_answer(404)
                                                                   : change_refusal(removed.error());
}

// RFC 4918 9.3.1.
Answer make_folder(const FileRoot& root, const Moment& now, const Request& request, const std::string& name) {
    if (request.has_body) return error_answer(415, "A folder is made of nothing.");
    const auto there = facts_at(root, name);
    if (there) return method_refusal(root.rights(), "There is something of that name.");
    if (!conditions_hold(request.conditions, there, now)) return error_answer(412);
    const auto made = root.make_folder(name);
    if (made) return done(201);
    return made.error() == std::errc::file_exists ? method_refusal(root.rights(), "There is something of that name.")
                                                  : change_refusal(made.error());
}

}  // namespace

bool is_change(std::string_view method) noexcept { return method == "PUT" || method == "DELETE" || method == "MKCOL"; }

std::expected<std::string, Answer> changed_name(const FileRoot& root, const Request& request) {
    auto name = name_of_target(request.target);
    if (!name) return std::unexpected(error_answer(400, "That path is not well formed."));
    if (name->empty()) return std::unexpected(error_answer(403, "The folder itself stays as it is."));
    if (root.hides_part_of(*name)) return std::unexpected(error_answer(403, "Hidden names are not written here."));
    if (request.method == "PUT" && path_of(request).ends_with('/'))
        return std::unexpected(error_answer(400, "A file's name does not end with a slash."));
    return std::move(*name);
}

bool conditions_hold(const Conditions& conditions, const std::optional<FileFacts>& facts, const Moment& now) {
    if (!facts) return !conditions.if_match;
    Conditions of_changes = conditions;
    of_changes.if_modified_since.reset();  // is for GET and HEAD alone (RFC 9110 13.1.3)
    const auto second = std::chrono::floor<std::chrono::seconds>(now.calendar);
    const auto modified = std::min(std::chrono::floor<std::chrono::seconds>(facts->modified), second);
    return evaluate(of_changes, entity_tag(*facts), modified, second) == ConditionVerdict::proceed;
}

std::optional<FileFacts> facts_at(const FileRoot& root, const std::string& name) {
    const auto facts = root.look(name);
    return facts ? std::optional(*facts) : std::nullopt;
}

Answer change_refusal(const std::error_code& error) {
    if (error == std::errc::no_such_file_or_directory) return error_answer(409, "There is no folder for it.");
    if (error == std::errc::file_exists) return error_answer(409, "Something of that name has come meanwhile.");
    if (error == std::errc::is_a_directory) return error_answer(409, "A folder has that name.");
    if (error == std::errc::directory_not_empty) return error_answer(409, "The folder is not empty.");
    if (error == std::errc::no_space_on_device) return error_answer(507);
    if (error == std::errc::file_too_large) return error_answer(413);
    if (error == std::errc::invalid_argument || error == std::errc::filename_too_long)
        return error_answer(400, "That name cannot be.");
    if (error == std::errc::too_many_files_open || error == std::errc::too_many_files_open_in_system)
        return error_answer(503);
    if (error == std::errc::permission_denied || error == std::errc::operation_not_permitted ||
        error == std::errc::read_only_file_system)
        return error_answer(403);
    return error_answer(500);
}

Answer change(const FileRoot& root, const Moment& now, const Request& request) {
    auto name = changed_name(root, request);
    if (!name) return std::move(name.error());
    return request.method == "DELETE" ? remove(root, now, request, *name) : make_folder(root, now, request, *name);
}

}  // namespace strata::application::http
