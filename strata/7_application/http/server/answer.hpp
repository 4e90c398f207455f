// What to answer a request with: the whole of HTTP's rules for a
// served folder, without a connection in sight.
//
// The server reads a request, asks answer(), and sends what it says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "strata/7_application/files/open_files.hpp"
#include "strata/7_application/http/message/conditions.hpp"
#include "strata/7_application/http/message/head.hpp"
#include "strata/7_application/http/message/range.hpp"

namespace strata::application::http {

struct Request {
    std::string method;
    std::string target;
    std::optional<std::string> range;
    Conditions conditions;
    std::string accept;
    // Of a PUT's body, as its sender says; unset if it comes in chunks, or there is none.
    std::optional<std::uint64_t> content_length;
    bool has_body = false;
    bool has_length = false;  // which may be 0, or be told by chunks
    bool is_partial = false;  // it has a Content-Range
    bool is_coded = false;    // it has a Content-Encoding
    std::string host{};
    std::optional<std::string> origin{};  // of the page that asks, if one does
    std::optional<std::string> authorization{};
};

// Bytes of a file, with what precedes them in the body (the head of a multipart part).
struct BodyPart {
    std::string head;
    ByteRange range;
};

// A folder whose entries are the body.
struct FolderListing {
    std::shared_ptr<const OpenFile> folder;
    std::string name;  // by which it was opened
    std::string path;  // "/" for the root
    bool json = false;
};

struct Answer {
    unsigned status = 200;
    Fields fields;
    std::string text;  // the body, or its end behind the file's parts
    std::shared_ptr<const OpenFile> file;
    std::vector<BodyPart> parts;
    std::optional<FolderListing> listing;  // instead of both
    bool head_only = false;                // HEAD, 304: the fields, without the body they speak of

    [[nodiscard]] std::uint64_t body_size() const noexcept;
};

// Now, by the network's clock and by its calendar.
struct Moment {
    Instant clock;
    std::chrono::system_clock::time_point calendar;
};

struct AnswerOptions {
    bool index = true;      // a folder that has an index.html is answered with it
    std::string charset{};  // of texts that are no UTF-8; empty: nothing is said of it, and the reader guesses
};

[[nodiscard]] Answer answer(OpenFiles& files, const Moment& now, const Request& request,
                            const AnswerOptions& options = {});
// A page that says what is wrong, for people.
[[nodiscard]] Answer error_answer(unsigned status, std::string_view explanation = {});
[[nodiscard]] bool is_allowed(std::string_view method, FileRights rights) noexcept;
// 405, and what is allowed.
[[nodiscard]] Answer method_refusal(FileRights rights, std::string_view explanation = {});

}  // namespace strata::application::http
