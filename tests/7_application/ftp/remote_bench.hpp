// FtpRemote in virtual time, and what became of what it was asked for.
#pragma once

#include <algorithm>

#include "strata/7_application/ftp/client/remote/remote.hpp"
#include "strata/7_application/http/message/date.hpp"
#include "strata/7_application/remote/remote_options.hpp"
#include "tests/7_application/ftp/served.hpp"
#include "tests/support/certificates.hpp"

namespace strata::test {

// Of which no part looks like another.
inline std::string text_of(std::size_t size) {
    std::string text(size, '\0');
    SeededEntropy entropy(size);
    entropy.fill(std::as_writable_bytes(std::span(text)));
    return text;
}

}  // namespace strata::test

namespace strata::application::ftp {

struct RemoteBench : FtpServed {
    RemoteBench() {
        options.client.on_notice = [this](const std::string& text) { notices.push_back(text); };
    }
    // The same until the scheme changes, or it is reset.
    Remote& remote_of(const std::string& wanted) {
        Url url{.scheme = wanted, .host = "10.0.0.2", .port = 21, .target = "/", .credentials = credentials};
        if (!remote) remote.emplace(client.network(), url, options);
        return *remote;
    }
    // What it threw, in words.
    std::string ended(session::asio::awaitable<void> task, Duration at_most = 5min) {
        failure = "it does not end";
        passing = false;
        session::asio::co_spawn(lab.io(), std::move(task), [this](std::exception_ptr failed) {
            failure.clear();
            try {
                if (failed) std::rethrow_exception(failed);
            } catch (const PassingError& error) {
                failure = error.what();
                passing = true;
            } catch (const std::exception& error) {
                failure = error.what();
            }
        });
        lab.run_for(at_most);
        return failure;
    }
    Progress note_progress() {
        done = 0;
        return [this](std::uint64_t count, std::optional<std::uint64_t> all) {
            EXPECT_GE(count, done);
            done = count;
            total = all;
        };
    }
    std::string begin_get(const std::string& target, OutputOptions output, Duration at_most) {
        out.emplace(mine.path() / "got", output);
        return ended(fetch_it(target), at_most);
    }
    std::string get(const std::string& target, OutputOptions output = {.force = true}) {
        (void)begin_get(target, output, 5min);
        if (failure.empty()) out->commit();
        out.reset();
        return failure;
    }
    std::string put(const std::string& target, const std::string& text, WriteOptions how = {}) {
        mine.write("local", text);
        InputFile in(mine.path() / "local");
        return ended(put_it(target, in, how));
    }
    // "a 5, folder/", or what went wrong.
    std::string list(const std::string& target) { return named(list_it(target)); }
    std::string look(const std::string& target) { return named(look_at(target)); }
    std::string make_folder(const std::string& target) {
        return ended(make_it(target)).empty() ? (made ? "made" : "there") : failure;
    }
    bool nothing_is_whole() const { return !std::filesystem::exists(mine.path() / "got"); }

    test::TemporaryFolder mine;
    std::string scheme = "ftp";
    std::optional<http::Credentials> credentials;
    RemoteOptions options;
    std::vector<std::string> notices;
    std::optional<FtpRemote> remote;
    std::optional<OutputFile> out;
    std::string failure;
    bool passing = false;
    std::uint64_t done = 0;
    std::optional<std::uint64_t> total;
    std::vector<RemoteEntry> entries;
    bool made = false;

private:
    using Task = session::asio::awaitable<void>;
    Task fetch_it(std::string target) { co_await remote_of(scheme).read(target, *out, note_progress()); }
    Task put_it(std::string target, InputFile& in, WriteOptions how) {
        co_await remote_of(scheme).write(target, in, how, note_progress());
    }
    Task list_it(std::string target) { entries = co_await remote_of(scheme).list(target); }
    Task look_at(std::string target) {
        RemoteEntry entry = co_await remote_of(scheme).stat(target);
        entries.assign(1, std::move(entry));
    }
    Task make_it(std::string target) { made = co_await remote_of(scheme).make_folder(target); }
    std::string named(Task task) {
        entries.clear();
        if (!ended(std::move(task)).empty()) return failure;
        std::ranges::sort(entries, {}, &RemoteEntry::name);
        std::string text;
        for (const RemoteEntry& entry : entries) {
            text += (text.empty() ? "" : ", ") + entry.name;
            if (entry.kind == RemoteEntry::Kind::folder) text += '/';
            if (entry.kind == RemoteEntry::Kind::other) text += '?';
            if (entry.size) text += " " + std::to_string(*entry.size);
        }
        return text;
    }
};

}  // namespace strata::application::ftp
