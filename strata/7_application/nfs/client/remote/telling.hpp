// NfsRemote::tell(): one thing to do, and in words what was tried when it fails. Included by the
// files of NfsRemote alone.
#pragma once

#include "strata/7_application/nfs/client/remote/remote.hpp"
#include "strata/7_application/nfs/client/version4/message/failure4.hpp"

namespace strata::application::nfs {

// A handle that is no longer good is looked up anew, by names, once.
template <typename Result>
session::asio::awaitable<Result> NfsRemote::twice_if_stale(
    const std::function<session::asio::awaitable<Result>()>& task) {
    try {
        co_return co_await task();
    } catch (const client::Failure& failure) {
        if (!failure.stale) throw;
    }
    volume_.reset();
    co_return co_await task();
}

template <typename Result>
session::asio::awaitable<Result> NfsRemote::tell(std::function<session::asio::awaitable<Result>()> task,
                                                 std::string verb, std::string target, const OutputFile* out) {
    try {
        co_return co_await twice_if_stale(task);
    } catch (const client::Failure& failure) {
        const bool by_version4 = volume_ && volume_->version() == 4;
        if (failure.lost || failure.stale) volume_.reset();
        const bool has_some = failure.passing && out != nullptr && out->size() != 0;
        const std::string why = by_version4 ? client::in_words_of_version4(failure.why) : failure.why;
        const std::string text = "cannot " + verb + " " + url_of(std::move(target)).to_string() + ": " + why + "; " +
                                 (has_some ? out->advice() : failure.remedy);
        if (failure.passing) throw PassingError(text);
        throw TransferError(text);
    }
}

}  // namespace strata::application::nfs
