// Put: a PUT that is taken (RFC 9110 9.3.4). Begun when its head has come, written as its body
// does, and answered once the file is in place.
#pragma once

#include "strata/7_application/files/writing/upload.hpp"
#include "strata/7_application/http/server/answer.hpp"
#include "strata/7_application/serving/aside.hpp"

namespace strata::application::http {

struct PutOptions {
    std::uint64_t size_max = ~std::uint64_t{0};  // bytes of a file: more is 413
    bool sync = true;                            // the disk has what is answered with 201 or 204
};

class Put final : public Chore {
public:
    // What is answered instead: 400, 403, 409, 411, 412, 413, 415, 507. The root outlives it.
    [[nodiscard]] static std::expected<std::shared_ptr<Put>, Answer> begin(const FileRoot& root, const Moment& now,
                                                                           const Request& request,
                                                                           const PutOptions& options);
    Put(const FileRoot& root, std::string name, const Request& request, const PutOptions& options, Upload upload);

    // So much more of the body. What is answered if it cannot be kept; nothing if it was.
    [[nodiscard]] std::optional<Answer> write(Bytes bytes);
    // The body is whole. Before do_it(): what is there may be another file by now.
    void is_whole(const Moment& now) noexcept { now_ = now; }
    // Puts the file in place; waits for the disk.
    void do_it() override;
    // When that is done: 201 (it is new), 204, or why it is not there.
    [[nodiscard]] Answer answer() const { return answer_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return upload_.size(); }
    [[nodiscard]] bool waits_for_the_disk() const noexcept { return options_.sync; }

private:
    const FileRoot& root_;
    std::string name_;
    Conditions conditions_;
    std::optional<std::uint64_t> content_length_;
    PutOptions options_;
    Upload upload_;
    Moment now_{};
    Answer answer_ = error_answer(500);
};

}  // namespace strata::application::http
