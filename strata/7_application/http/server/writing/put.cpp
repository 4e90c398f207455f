#include "strata/7_application/http/server/writing/put.hpp"

#include "strata/7_application/http/server/writing/changes.hpp"

namespace strata::application::http {
namespace {

// What is not a whole file, as it is to be, is not taken: a part would become the whole (RFC 9110
// 14.5), and what is coded would be given out as if it were not (8.4).
std::optional<Answer> refuse_body(const Request& request, const PutOptions& options) {
    if (request.is_partial) return error_answer(400, "A part of a file cannot be put.");
    if (request.is_coded) return error_answer(415, "Files are taken as they are, without a coding.");
    // Who says none sends none (RFC 9112 6.3), or ends with the connection, as one did long ago: an
    // empty file is not what he means.
    if (!request.has_length) return error_answer(411);
    if (request.content_length.value_or(0) > options.size_max) return error_answer(413);
    return std::nullopt;
}

// For who may only add.
bool only_if_new(const Conditions& conditions) { return conditions.if_none_match == "*"; }

}  // namespace

std::expected<std::shared_ptr<Put>, Answer> Put::begin(const FileRoot& root, const Moment& now, const Request& request,
                                                       const PutOptions& options) {
    if (auto refused = refuse_body(request, options)) return std::unexpected(std::move(*refused));
    auto name = changed_name(root, request);
    if (!name) return std::unexpected(std::move(name.error()));
    const auto there = facts_at(root, *name);
    if (there && there->folder) return std::unexpected(error_answer(409, "A folder has that name."));
    if (there && root.rights() < FileRights::all)
        return std::unexpected(error_answer(403, "Here files may be added, not replaced or removed."));
    if (!conditions_hold(request.conditions, there, now)) return std::unexpected(error_answer(412));
    auto upload = Upload::begin(
        root, *name,
        {.replace = !only_if_new(request.conditions), .size_expected = request.content_length, .sync = options.sync});
    if (!upload) return std::unexpected(change_refusal(upload.error()));
    return std::make_shared<Put>(root, std::move(*name), request, options, std::move(*upload));
}

Put::Put(const FileRoot& root, std::string name, const Request& request, const PutOptions& options, Upload upload)
    : root_(root),
      name_(std::move(name)),
      conditions_(request.conditions),
      content_length_(request.content_length),
      options_(options),
      upload_(std::move(upload)) {}

std::optional<Answer> Put::write(Bytes bytes) {
    if (bytes.size() > options_.size_max - upload_.size()) return error_answer(413);
    const auto written = upload_.write(bytes);
    return written ? std::nullopt : std::optional(change_refusal(written.error()));
}

void Put::do_it() {
    answer_ = error_answer(400, "The body is not as long as was said.");
    if (content_length_ && *content_length_ != upload_.size()) return;
    answer_ = error_answer(412);
    if (!conditions_hold(conditions_, facts_at(root_, name_), now_)) return;
    if (const auto done = upload_.commit(); !done) {
        const bool came_meanwhile = done.error() == std::errc::file_exists && only_if_new(conditions_);
        if (!came_meanwhile) answer_ = change_refusal(done.error());
        return;
    }
    answer_ = Answer{};
    answer_.status = upload_.has_replaced() ? 204 : 201;
    // It is what was sent, to the byte.
    if (const auto facts = upload_.facts()) answer_.fields.emplace_back("ETag", entity_tag(*facts));
}

}  // namespace strata::application::http
