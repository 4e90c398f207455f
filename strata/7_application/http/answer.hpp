// What to answer a request with: the whole of HTTP's rules for a served folder, without a connection in sight.
//
// The server reads a request, asks answer(), and sends what it says.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "strata/7_application/file_root.hpp"
#include "strata/7_application/http/conditions.hpp"
#include "strata/7_application/http/range.hpp"

namespace strata::application::http {

struct Request {
    std::string method;
    std::string target;
    std::optional<std::string> range;
    Conditions conditions;
    unsigned hosts = 1;  // how many Host fields it has
    bool http_1_1 = true;
};

// Bytes of a file, with what goes before them in the body (the head of a multipart part).
struct BodyPart {
    std::string head;
    ByteRange range;
};

struct Answer {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string text;  // the body, or its end behind the file's parts
    std::optional<OpenFile> file;
    std::vector<BodyPart> parts;
    bool head_only = false;  // HEAD, 304: the fields, without the body they speak of

    [[nodiscard]] std::uint64_t body_size() const noexcept;
};

[[nodiscard]] Answer answer(const FileRoot& root, const Request& request);
// A page that says what is wrong, for people.
[[nodiscard]] Answer error_answer(unsigned status, std::string_view explanation = {});
[[nodiscard]] std::string_view reason_of(unsigned status) noexcept;

}  // namespace strata::application::http
