// The client of NFS version 4, and what version 3 has nothing of:
// opens, leases, a server that begins anew.
#include <boost/asio/bind_cancellation_slot.hpp>

#include "tests/7_application/nfs/client/bench.hpp"

namespace strata::application::nfs {
namespace {

struct NfsClient4 : NfsServed {
    NfsClient4() {
        options.state.lease_file = folder.path() / ".leases";
        options.state.lease_time = 90s;
        serve(FileRights::all);
    }
    // As after a crash: what was open is forgotten, and the grace period begins.
    void begin_anew() {
        server_.reset();
        server_ = std::make_unique<Server>(server.network(), root, options);
        session::error_code error;
        (void)server_->start(at, error);
        EXPECT_FALSE(error);
    }
    [[nodiscard]] bool has(const std::string& text, const std::string& what) const { return text.contains(what); }
    // Reads a file; `in_between` is done once 1 MB has come.
    std::string get_and(const std::function<void()>& in_between) {
        OutputFile out(folder.path() / "here", {.force = true});
        bool done = false;
        const Progress progress = [&](std::uint64_t count, auto) {
            if (count > 1'000'000 && !std::exchange(done, true)) in_between();
        };
        const std::string failure = failure_of(user.remote->read("/large", out, progress), 1h);
        EXPECT_TRUE(done);
        if (!failure.empty()) return failure;
        out.commit();
        return "";
    }
    std::string put_and(const std::string& what, const std::function<void()>& in_between) {
        folder.write("mine", what);
        InputFile in(folder.path() / "mine");
        bool done = false;
        const Progress progress = [&](std::uint64_t count, auto) {
            if (count > 1'000'000 && !std::exchange(done, true)) in_between();
        };
        const std::string failure = failure_of(user.remote->write("/sub/new", in, {}, progress), 1h);
        EXPECT_TRUE(done);
        return failure;
    }
    const std::string bytes = bytes_of_length(5'000'000);
    RemoteUser user{*this, "version=4"};
};

TEST_F(NfsClient4, IsSpokenWhereItIsSaidOrThereIsNoOther) {
    EXPECT_EQ(user.get("/hello"), "hello, world");
    EXPECT_EQ(server_->mounts(), 0u);
    user.url.parameters = "";
    user.begin();
    EXPECT_EQ(user.get("/hello"), "hello, world");
    EXPECT_EQ(server_->mounts(), 1u);
    stop();
    user.begin();
    EXPECT_TRUE(has(user.get("/hello"), "MOUNT is not at port 2049, and rpcbind does not say where"));
    user.url.parameters = "version=4";
    user.begin();
    EXPECT_TRUE(has(user.get("/hello"), "the server is not reached"));
}

TEST_F(NfsClient4, NothingStaysOpen) {
    EXPECT_EQ(user.put("/sub/new", bytes), "");
    EXPECT_EQ(user.get("/sub/new"), bytes);
    EXPECT_TRUE(has(user.get("/sub/deep"), "it is a folder"));
    EXPECT_EQ(server_->held().opens, 0u);
}

TEST_F(NfsClient4, WhatWasCancelledIsClosedWhenItIsLeft) {
    folder.write("large", bytes);
    user.options.client.rate_limit = 100'000;
    auto out = std::make_unique<OutputFile>(folder.path() / "here", OutputOptions{.force = true});
    session::asio::cancellation_signal signal;
    bool ended = false;
    session::asio::co_spawn(
        lab.io(), user.remote->read("/large", *out, {}),
        session::asio::bind_cancellation_slot(signal.slot(), [&ended](const std::exception_ptr&) { ended = true; }));
    for (int i = 0; i < 1000 && server_->held().opens == 0; ++i) lab.run_for(1ms);
    EXPECT_EQ(server_->held().opens, 1u);
    EXPECT_FALSE(ended);
    signal.emit(session::asio::cancellation_type::terminal);
    lab.run_for(1s);
    EXPECT_TRUE(ended);
    EXPECT_EQ(failure_of(user.remote->leave(), 1min), "");
    EXPECT_EQ(server_->held().opens, 0u);
}

TEST_F(NfsClient4, ALeaseIsRenewedWhileNothingIsRead) {
    folder.write("large", bytes);
    user.options.client.rate_limit = 4'000;  // 20 minutes, with leases of 90 s; pauses of its own
    EXPECT_TRUE(user.options.client.rate_limit > 0);
    OutputFile out(folder.path() / "here", {.force = true});
    EXPECT_EQ(failure_of(user.remote->read("/large", out, {}), 1h), "");
    out.commit();
    EXPECT_TRUE(folder.read("here") == bytes);
    EXPECT_EQ(server_->held().opens, 0u);
}

TEST_F(NfsClient4, AServerThatBeganAnewIsReadOnFrom) {
    folder.write("large", bytes);
    EXPECT_EQ(get_and([this] { begin_anew(); }), "");
    EXPECT_TRUE(folder.read("here") == bytes);
    EXPECT_EQ(server_->held().opens, 0u);
}

TEST_F(NfsClient4, WithoutARecordOfUsTheGracePeriodIsWaitedFor) {
    folder.write("large", bytes);
    EXPECT_EQ(get_and([this] {
                  options.state.lease_file = "";
                  begin_anew();
              }),
              "");
    EXPECT_TRUE(folder.read("here") == bytes);
}

TEST_F(NfsClient4, WhatChangedWhileItBeganAnewIsNotMixed) {
    folder.write("large", bytes);
    const std::string failure = get_and([this] {
        folder.write("large", bytes_of_length(5'000'000, 2));
        begin_anew();
    });
    EXPECT_TRUE(has(failure, "changed")) << failure;
    EXPECT_TRUE(user.get("/large") == bytes_of_length(5'000'000, 2));
}

TEST_F(NfsClient4, AServerThatBeganAnewIsWrittenOnTo) {
    EXPECT_EQ(put_and(bytes, [this] { begin_anew(); }), "");
    EXPECT_TRUE(folder.read("sub/new") == bytes);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "sub/new.part"));
    EXPECT_EQ(server_->held().opens, 0u);
}

TEST_F(NfsClient4, AnotherFileOfTheNameIsNotWrittenOnTo) {
    const std::string failure = put_and(bytes, [this] {
        std::filesystem::rename(folder.path() / "sub/new.part", folder.path() / "sub/aside");
        folder.write("sub/new.part", "somebody else's");
        options.state.lease_file = "";
        begin_anew();
    });
    EXPECT_NE(failure, "");
    EXPECT_EQ(folder.read("sub/new.part"), "somebody else's");
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "sub/new"));
}

TEST_F(NfsClient4, WhatALeaseThatRanOutHadIsOpenedAgain) {
    folder.write("large", bytes);
    options.state.lease_time = 2s;
    serve(FileRights::all);
    session::Timer timer = server.network().make_timer();
    const std::function<void()> silence = [&] {
        cable.unplug();
        timer.expires_after(10s);
        timer.async_wait([this](const session::error_code&) { cable.plug(); });
    };
    EXPECT_EQ(get_and(silence), "");
    EXPECT_TRUE(folder.read("here") == bytes);
}

}  // namespace
}  // namespace strata::application::nfs
