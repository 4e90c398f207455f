// NfsRemote against our server: version 3 by both transports, and version 4, in virtual time.
#include "strata/7_application/nfs/client/remote/remote.hpp"

#include <sys/stat.h>

#include "strata/7_application/remote/parts/parts.hpp"
#include "strata/7_application/rpcbind/server/rpcbind.hpp"
#include "tests/7_application/nfs/client/bench.hpp"

namespace strata::application::nfs {
namespace {

struct NfsClient : NfsServed, testing::WithParamInterface<const char*> {
    NfsClient() {
        std::filesystem::create_symlink("hello", folder.path() / "near");
        std::filesystem::create_directory_symlink("sub/deep", folder.path() / "way");
        std::filesystem::create_symlink("../../hello", folder.path() / "sub/deep/up");
        std::filesystem::create_symlink("../../../hello", folder.path() / "sub/deep/out");
        std::filesystem::create_symlink("ring", folder.path() / "ring");
        ::chmod((folder.path() / "hello").c_str(), 0640);
    }
    [[nodiscard]] std::string file(const std::string& name) const { return folder.read(name); }
    [[nodiscard]] bool is_there(const std::string& name) const { return std::filesystem::exists(folder.path() / name); }
    [[nodiscard]] static std::string said() { return "?" + std::string(GetParam()); }
    [[nodiscard]] static bool is_version4() { return std::string_view(GetParam()) == "version=4"; }
    // An error's name, in words.
    [[nodiscard]] static std::string code(const std::string& name) {
        return (is_version4() ? "(NFS4ERR_" : "(NFS3ERR_") + name + ")";
    }
    RemoteUser user{*this, GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Over, NfsClient, testing::Values("transport=tcp", "transport=udp", "version=4"),
                         [](const auto& one) {
                             const std::string text = one.param;
                             return text == "version=4" ? "version4" : text.substr(10);
                         });

bool says(const std::string& text, const std::string& what) { return text.contains(what); }

TEST_P(NfsClient, ReadsFiles) {
    EXPECT_EQ(user.get("/hello"), "hello, world");
    EXPECT_EQ(user.get("/sub/./deep//file"), "deep");
    folder.write("empty", "");
    EXPECT_EQ(user.get("/empty"), "");
    for (const std::size_t size : {1u, 8191u, 8192u, 8193u, 3'000'001u}) {
        const std::string bytes = bytes_of_length(size);
        folder.write("large", bytes);
        EXPECT_TRUE(user.get("/large") == bytes) << size;
    }
    EXPECT_EQ(user.get("/nothing"), "<cannot fetch nfs://10.0.0.2/nothing" + said() + ": 'nothing' is not there " +
                                        code("NOENT") + "; check the name>");
    EXPECT_TRUE(says(user.get("/sub"), "it is a folder"));
    EXPECT_TRUE(says(user.get("/sub/"), "it names no file"));
    EXPECT_TRUE(says(user.get("/hello/x"), "a part of its path is no folder"));
    EXPECT_TRUE(says(user.get("/%zz"), "a '%' in it is not followed by two hexadecimal digits; write it as %25"));
}

TEST_P(NfsClient, ListsAndLooks) {
    EXPECT_EQ(user.list("/"), "hello:12 link@ near@ ring@ sub/ way@ ");
    EXPECT_EQ(user.list("/sub/deep/"), "file:4 out@ up@ ");
    EXPECT_EQ(user.list("/way"), "file:4 out@ up@ ");
    EXPECT_TRUE(says(user.list("/hello"), "a part of its path is no folder"));
    EXPECT_EQ(user.stat("/"), "/");
    EXPECT_EQ(user.stat("/hello"), "hello:12");
    EXPECT_EQ(user.stat("/near"), "near@");
    EXPECT_EQ(user.stat("/way/"), "way/");
}

TEST_P(NfsClient, ALongFolderIsListedInManyPages) {
    for (int i = 0; i < 1500; ++i) folder.write("many/" + std::to_string(i) + std::string(60, 'x'), "");
    std::vector<RemoteEntry> entries;
    EXPECT_EQ(failure_of(RemoteUser::keep(user.remote->list("/many"), entries), 10min), "");
    EXPECT_EQ(entries.size(), 1500u);
    user.options.entries_max = 1500;
    EXPECT_EQ(failure_of(RemoteUser::keep(user.remote->list("/many"), entries), 10min), "");
    user.options.entries_max = 1499;
    EXPECT_TRUE(says(user.list("/many"), "it has more than 1499 entries; list folders within it"));
}

TEST_P(NfsClient, FollowsLinksWithinTheExportAlone) {
    EXPECT_EQ(user.get("/near"), "hello, world");
    EXPECT_EQ(user.get("/way/file"), "deep");
    EXPECT_EQ(user.get("/sub/deep/up"), "hello, world");
    EXPECT_TRUE(says(user.get("/sub/deep/out"), "'..' leads out of what is mounted"));
    EXPECT_TRUE(says(user.get("/link"), "is a symbolic link to '/etc/passwd', which begins at a root"));
    EXPECT_TRUE(says(user.get("/ring"), "is one of more symbolic links than are followed"));
    EXPECT_TRUE(says(user.put("/way/new", "x"), "nothing is changed through one"));
    EXPECT_FALSE(is_there("sub/deep/new"));
}

TEST_P(NfsClient, PutsFiles) {
    EXPECT_EQ(user.put("/new", ""), "");
    EXPECT_EQ(file("new"), "");
    for (const std::size_t size : {1u, 8191u, 8193u, 9'000'001u}) {
        const std::string bytes = bytes_of_length(size);
        EXPECT_EQ(user.put("/sub/put", bytes, {.replace = true}), "") << size;
        EXPECT_TRUE(file("sub/put") == bytes) << size;
    }
    EXPECT_FALSE(is_there("sub/put.part"));
    struct stat facts{};
    ::stat((folder.path() / "new").c_str(), &facts);
    EXPECT_EQ(facts.st_mode & 0777u, 0644u);
    EXPECT_EQ(facts.st_nlink, 1u);
    EXPECT_TRUE(says(user.put("/no/new", "x"), "'no' is not there"));
    EXPECT_TRUE(says(user.put("/sub/", "x"), "it names no file"));
    EXPECT_TRUE(says(user.put("/sub", "x", {.replace = true}), "there is something of the name 'sub' already"));
}

TEST_P(NfsClient, ReplacesOnlyWhereItIsTold) {
    EXPECT_EQ(user.put("/hello", "mine"),
              "cannot put nfs://10.0.0.2/hello" + said() +
                  ": there is something of the name 'hello' already; replace it with --force, or choose another name");
    EXPECT_EQ(file("hello"), "hello, world");
    EXPECT_FALSE(is_there("hello.part"));
    EXPECT_EQ(user.put("/hello", "mine", {.replace = true}), "");
    EXPECT_EQ(file("hello"), "mine");
    struct stat facts{};
    ::stat((folder.path() / "hello").c_str(), &facts);
    EXPECT_EQ(facts.st_mode & 0777u, 0640u);
    // A link is replaced itself.
    EXPECT_TRUE(says(user.put("/near", "x"), "there is something of the name 'near' already"));
    EXPECT_EQ(user.put("/near", "near", {.replace = true}), "");
    ::lstat((folder.path() / "near").c_str(), &facts);
    EXPECT_EQ(facts.st_mode, static_cast<mode_t>(S_IFREG | 0644));
    EXPECT_EQ(file("hello"), "mine");
}

TEST_P(NfsClient, WhatAnEarlierAttemptLeftIsGoneOnWith) {
    const std::string bytes = bytes_of_length(300'000);
    user.options.nfs.commit_bytes = 100'000;
    std::string part = bytes.substr(0, 190'000);
    part.replace(120'000, 5000, std::string(5000, '\0'));  // a WRITE that was lost
    folder.write("new.part", part);
    EXPECT_TRUE(says(user.put("/new", bytes), "'new.part' is there, which an earlier attempt left; go on with it"));
    EXPECT_EQ(user.put("/new", bytes, {.resume = true}), "");
    EXPECT_TRUE(file("new") == bytes);
    EXPECT_FALSE(is_there("new.part"));
    part[60'000] ^= 1;
    folder.write("other.part", part);
    EXPECT_TRUE(says(user.put("/other", bytes, {.resume = true}), "'other.part', which is there, is no beginning"));
    EXPECT_EQ(user.put("/other", bytes, {.replace = true}), "");
    EXPECT_TRUE(file("other") == bytes);
    // One that is whole has nothing to go on with.
    EXPECT_EQ(user.put("/other", bytes, {.resume = true}), "");
    EXPECT_TRUE(file("other") == bytes);
    EXPECT_TRUE(says(user.put("/other", bytes.substr(0, 200'000), {.resume = true}), "is no beginning of it"));
}

TEST_P(NfsClient, WhatBrokeOffIsGoneOnWithByTheNextAttempt) {
    const std::string bytes = bytes_of_length(3'000'000);
    user.options.nfs.commit_bytes = 100'000;
    folder.write("mine", bytes);
    InputFile in(folder.path() / "mine");
    const Progress unplugging = [this](std::uint64_t done, auto) {
        if (done > 1'000'000) cable.unplug();
    };
    const std::string failure = failure_of(user.remote->write("/new", in, {}, unplugging), 1h);
    EXPECT_TRUE(says(failure, "go on with it with --resume")) << failure;
    cable.plug();
    EXPECT_FALSE(is_there("new"));
    std::optional<std::uint64_t> first;
    const Progress looking = [&](std::uint64_t done, auto) { first = first.value_or(done); };
    EXPECT_EQ(failure_of(user.remote->write("/new", in, {}, looking), 1h), "");
    EXPECT_TRUE(file("new") == bytes);
    EXPECT_FALSE(is_there("new.part"));
    EXPECT_GT(first.value_or(0), 800'000u);
}

TEST_P(NfsClient, WhereNamesMayOnlyBeMadeAFileIsPutInPlace) {
    serve(FileRights::add);
    const std::string bytes = bytes_of_length(100'000);
    EXPECT_EQ(user.put("/new", bytes), "");
    EXPECT_TRUE(file("new") == bytes);
    EXPECT_TRUE(says(user.put("/hello", "x", {.replace = true}), "there is something of the name 'hello'"));
    serve(FileRights::read);
    EXPECT_TRUE(says(user.put("/newer", bytes), "nothing may be changed there " + code("ROFS")));
    EXPECT_TRUE(says(user.make_folder("/f"), "nothing may be changed there " + code("ROFS")));
}

TEST_P(NfsClient, ChangesNames) {
    EXPECT_EQ(user.make_folder("/f"), "made");
    EXPECT_EQ(user.make_folder("/f/"), "there");
    EXPECT_TRUE(says(user.make_folder("/hello"), "there is something of that name already"));
    EXPECT_EQ(user.rename("/hello", "/f/there"), "");
    EXPECT_EQ(file("f/there"), "hello, world");
    EXPECT_TRUE(says(user.rename("/hello", "/f/there"), "it is not there"));
    EXPECT_TRUE(says(user.remove("/f"), "the folder is not empty"));
    EXPECT_EQ(user.remove("/f/there"), "");
    EXPECT_EQ(user.remove("/f"), "");
    EXPECT_EQ(user.remove("/near"), "");
    EXPECT_TRUE(says(user.remove("/f"), "it is not there " + code("NOENT") + "; check the name"));
    EXPECT_TRUE(says(user.remove("/"), "it is what was mounted itself"));
    EXPECT_EQ(failure_of(user.remote->set_date("/sub", std::chrono::sys_seconds(1000s)), 1min), "");
    struct stat facts{};
    ::stat((folder.path() / "sub").c_str(), &facts);
    EXPECT_EQ(facts.st_mtim.tv_sec, 1000);
}

TEST_P(NfsClient, APartIsContinuedIfItIsOfThisVersion) {
    const std::string bytes = bytes_of_length(200'000);
    folder.write("large", bytes);
    const std::string here = folder.path() / "here";
    FileVersion version;
    EXPECT_EQ(failure_of(RemoteUser::keep(user.remote->version("/large"), version), 1min), "");
    EXPECT_EQ(version.total, 200'000u);
    const auto resumed_from = [&](const FileVersion& of) {
        std::optional<std::uint64_t> first;
        OutputFile out(here, {.force = true});
        out.note_version(of);
        out.write(bytes_of(std::string_view(bytes).substr(0, 70'000)));
        const Progress progress = [&](std::uint64_t done, auto) { first = first.value_or(done); };
        EXPECT_EQ(failure_of(user.remote->read("/large", out, progress), 10min), "");
        out.commit();
        EXPECT_TRUE(folder.read("here") == bytes);
        return first;
    };
    EXPECT_EQ(resumed_from(version), 70'000u);
    version.etag += "0";
    EXPECT_EQ(resumed_from(version), 0u);
    EXPECT_TRUE(says(user.notices, "it is fetched anew"));
}

TEST_P(NfsClient, PiecesComeOverSeveralSessions) {
    const std::string bytes = bytes_of_length(3'000'000);
    folder.write("large", bytes);
    OutputFile out(folder.path() / "here", {.force = true});
    const MakeRemote another = [&]() -> std::unique_ptr<Remote> {
        return std::make_unique<NfsRemote>(client.network(), user.url, user.options);
    };
    const PartsOptions parts{.at_once = 3, .least = 100'000};
    EXPECT_EQ(failure_of(read_in_parts(*user.remote, another, "/large", out, {}, parts), 10min), "");
    out.commit();
    EXPECT_TRUE(folder.read("here") == bytes);
}

TEST_P(NfsClient, AFileThatChangesWhileItIsReadIsNone) {
    user.options.nfs.data_max = 64 << 10;
    folder.write("large", bytes_of_length(2'000'000));
    {
        OutputFile out(folder.path() / "here", {.force = true});
        const Progress change = [&](std::uint64_t done, auto) {
            if (done > 500'000 && done < 1'000'000) folder.write("large", bytes_of_length(2'000'000, 2));
        };
        const std::string failure = failure_of(user.remote->read("/large", out, change), 10min);
        EXPECT_TRUE(says(failure, "it was changed while it was read")) << failure;
    }
    EXPECT_TRUE(user.get("/large") == bytes_of_length(2'000'000, 2));
}

TEST_P(NfsClient, AServerThatBeganAnewIsMountedAnew) {
    EXPECT_EQ(user.get("/hello"), "hello, world");
    options.key = HandleKey(HandleKey::Secret{std::byte{8}});
    serve(FileRights::all);
    EXPECT_EQ(user.get("/hello"), "hello, world");
    EXPECT_EQ(user.put("/sub/new", "x"), "");
}

TEST_P(NfsClient, TellsWhenItHasMountedAndWhenItLeaves) {
    EXPECT_EQ(user.get("/hello"), "hello, world");
    EXPECT_EQ(server_->mounts(), is_version4() ? 0u : 1u);
    EXPECT_EQ(server_->held().opens, 0u);
    EXPECT_EQ(failure_of(user.remote->leave(), 1min), "");
    EXPECT_EQ(server_->mounts(), 0u);
    EXPECT_EQ(user.get("/hello"), "hello, world");
}

TEST_P(NfsClient, RpcbindIsAskedWhereMountIsNotAtThePort) {
    stop();
    if (is_version4()) GTEST_SKIP() << "it has no MOUNT, and does not ask rpcbind";
    EXPECT_TRUE(says(user.get("/hello"), "MOUNT is not at port 2049, and rpcbind does not say where"));
    // At another port, which rpcbind knows.
    Server elsewhere(server.network(), root, options);
    session::error_code error;
    const session::Address there = elsewhere.start({Ipv4Address{10, 0, 0, 2}, 3049}, error);
    rpcbind::Registry registry;
    for (const std::uint32_t program : {100003u, 100005u}) {
        using enum session::rpc::Transport;
        EXPECT_TRUE(registry.add({program, 3, stream, there}));
        EXPECT_TRUE(registry.add({program, 3, datagram, there}));
    }
    session::rpc::Server rpcbind_server(server.network());
    rpcbind_server.add(std::make_shared<rpcbind::Rpcbind>(server.network(), registry));
    (void)rpcbind_server.start({Ipv4Address{10, 0, 0, 2}, 111}, error);
    ASSERT_FALSE(error);
    user.begin();
    EXPECT_EQ(user.get("/hello"), "hello, world");
    user.url.port = 3049;
    user.url.port_is_given = true;
    user.begin();
    EXPECT_EQ(user.get("/hello"), "hello, world");
    user.remote.reset();
    lab.run_for(1min);
    rpcbind_server.abort();
    elsewhere.abort();
    lab.run_for(1h);
}

}  // namespace
}  // namespace strata::application::nfs
