// Session: one client's conversation with an FTP server: what he has set by his commands (RFC 959
// 5.1), who he is, and the transfer that is under way.
//
// Commands are obeyed one after the other, in their order. While a transfer runs the next one
// waits, but for ABOR and STAT (RFC 959 4.1.3), which are about it. The transfer is a coroutine
// beside that which reads the commands. Parts of a session, a file each: session.cpp reads and
// obeys, access.cpp knows who he is, settings.cpp how he wants it, names.cpp looks at and changes
// the folder, transfers.cpp begins and ends transfers.
#pragma once

#include "strata/7_application/ftp/message/command.hpp"
#include "strata/7_application/ftp/message/entry_lines.hpp"
#include "strata/7_application/ftp/message/reply.hpp"
#include "strata/7_application/ftp/server/control.hpp"
#include "strata/7_application/ftp/server/data_channel.hpp"
#include "strata/7_application/ftp/server/shared.hpp"
#include "strata/7_application/ftp/server/transfer.hpp"

namespace strata::application::ftp {

class Session final : public WatchedConversation {
public:
    // `refused` says why the client has no place, if it has none.
    Session(std::shared_ptr<Shared> shared, Client with, std::optional<NoPlace> refused = {});

    [[nodiscard]] session::asio::awaitable<void> converse() override;
    void finish() override;
    void leave() override;
    void abort() override;

private:
    using Wait = session::asio::awaitable<void>;
    // session.cpp
    [[nodiscard]] Wait serve();
    [[nodiscard]] session::asio::awaitable<std::optional<Command>> next_command();
    [[nodiscard]] Wait obey(Command command);
    [[nodiscard]] std::optional<std::string> objection(const Command& command) const;
    void obey_at_once(const Command& command);
    void expect_command();
    void say(unsigned code, std::string_view text);
    void say_goodbye(unsigned code, std::string_view text);
    void say_long(unsigned code, LongReply text);
    void note(std::string request, std::uint64_t bytes = 0, Duration took = {}, Ending ending = Ending::whole);
    // access.cpp
    void user(const std::string& name);
    [[nodiscard]] Wait password(std::string password);
    void reinitialize();
    void authenticate(const std::string& mechanism);
    void protection_buffer(const std::string& size);
    void protection(const std::string& level);
    [[nodiscard]] bool takes_passwords() const;
    void log_in(std::string user, std::shared_ptr<const FileRoot> own);
    // settings.cpp
    void type(const std::string& argument);
    void structure(const std::string& argument);
    void mode(const std::string& argument);
    void restart(const std::string& argument);
    void allocate(const std::string& argument);
    void port(const std::string& argument);
    void extended_port(const std::string& argument);
    void passive();
    void extended_passive(const std::string& argument);
    void features();
    void options_of(const std::string& argument);
    void help();
    // names.cpp
    [[nodiscard]] std::optional<std::string> name_in(const std::string& argument);
    [[nodiscard]] std::optional<FileFacts> look(const std::string& name);
    [[nodiscard]] std::string outward(std::string_view text) const;
    void change_folder(const std::string& argument);
    void print_folder();
    void size_of(const std::string& argument);
    void date_of(const std::string& argument);
    void set_date(const std::string& argument);
    void facts_of(const std::string& argument);
    void remove(const std::string& argument, bool folder);
    void make_folder(const std::string& argument);
    void rename_from(const std::string& argument);
    void rename_to(const std::string& argument);
    void site(const std::string& argument);
    [[nodiscard]] Wait digest_of(std::string argument);
    void status();
    // transfers.cpp
    [[nodiscard]] Wait retrieve(std::string argument);
    [[nodiscard]] Wait store(Verb verb, std::string argument);
    [[nodiscard]] Wait list(Verb verb, std::string argument);
    [[nodiscard]] Wait status_of(std::string argument);
    [[nodiscard]] bool may_connect();
    void begin(std::shared_ptr<Transfer> transfer, std::string_view told = "Here it comes.");
    void flush();
    void abort_transfer();
    void cancel_transfer(Ending why);
    [[nodiscard]] Wait transfer_over();

    [[nodiscard]] bool is_logged_in() const noexcept { return files_ != nullptr; }
    [[nodiscard]] const FileRoot& root() const noexcept { return files_->root(); }
    [[nodiscard]] FileTime now() const;

    std::shared_ptr<Shared> shared_;
    std::optional<NoPlace> refused_;
    Control control_;
    DataChannel data_;

    // Who he is.
    std::string user_;                      // that he says, or has shown, to be
    std::shared_ptr<const FileRoot> own_;   // of one who has shown to be somebody
    std::shared_ptr<OpenFiles> files_;      // nothing: he has not logged in
    std::optional<std::string> asked_for_;  // USER was said, and PASS is to follow
    Instant began_{};
    unsigned failed_logins_ = 0;
    bool under_tls_ = false;
    bool heard_ = false;  // he has said something, under TLS if that is what it is under

    // How he wants it.
    std::string folder_;  // that he is in
    bool ascii_ = true;
    bool protect_ = false;  // data connections
    bool buffer_said_ = false;
    bool extended_only_ = false;  // EPSV ALL
    bool utf8_ = false;
    FactsWanted facts_{};
    std::uint64_t restart_ = 0;
    std::optional<std::uint64_t> allocated_;
    std::optional<std::string> renamed_;  // by RNFR

    std::shared_ptr<Transfer> transfer_;
    News transfer_news_;
    bool aborting_ = false;     // by ABOR, which is still to be answered
    std::size_t flushing_ = 0;  // coroutines that see to it that he is told
    unsigned code_ = 0;         // of the latest reply
    bool begin_tls_ = false;    // when what was said has been handed down
    bool waiting_ = false;      // for a command
    bool leaving_ = false;
    bool stopping_ = false;
    bool over_ = false;
};

}  // namespace strata::application::ftp
