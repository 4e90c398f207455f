#include "strata/7_application/tftp/server/served.hpp"

#include "strata/0_foundation/counted_as.hpp"
#include "strata/7_application/serving/aside.hpp"
#include "strata/7_application/tftp/transfer/receiving.hpp"
#include "strata/7_application/tftp/transfer/sending.hpp"

namespace strata::application::tftp {
namespace {

constexpr std::size_t places_of_burst = 2;
constexpr Duration patience_for_the_next = 50us;  // what it takes to be woken on another processor

SipKey key_from(Entropy& entropy) { return {entropy.next(), entropy.next()}; }

// A file that is created when its first byte is there, or its end: whoever asked has answered then.
class CreatedLater final : public Writing {
public:
    using CommitAside = std::function<void(std::unique_ptr<Writing>)>;
    // Without `aside` it is committed here.
    CreatedLater(std::shared_ptr<Files> files, std::string name, std::optional<std::uint64_t> size, CommitAside aside)
        : files_(std::move(files)), name_(std::move(name)), size_(size), aside_(std::move(aside)) {}
    std::error_code write(Bytes bytes) override {
        written_ += bytes.size();
        if (size_ && written_ > *size_) return std::make_error_code(std::errc::message_size);
        const std::error_code error = create();
        return error ? error : file_->write(bytes);
    }
    std::error_code commit() override {
        if (size_ && written_ != *size_) return std::make_error_code(std::errc::message_size);
        if (const std::error_code error = create()) return error;
        if (!aside_) return file_->commit();
        aside_(std::move(file_));
        return std::make_error_code(std::errc::operation_in_progress);
    }

private:
    std::error_code create() {
        if (file_) return {};
        auto created = files_->create(name_, size_);
        if (!created) return created.error();
        file_ = std::move(*created);
        return {};
    }

    std::shared_ptr<Files> files_;
    std::string name_;
    std::optional<std::uint64_t> size_;
    CommitAside aside_;
    std::uint64_t written_ = 0;
    std::unique_ptr<Writing> file_;
};

// Waits for the disk.
class CommitChore final : public Chore {
public:
    explicit CommitChore(std::unique_ptr<Writing> file) : file_(std::move(file)) {}
    void do_it() override { error = file_->commit(); }
    std::error_code error = std::make_error_code(std::errc::io_error);

private:
    std::unique_ptr<Writing> file_;
};

}  // namespace

Common::Common(session::Network& on, std::shared_ptr<Files> from, const ServerOptions& how)
    : network(on), files(std::move(from)), options(how), refusals(key_from(on.entropy())) {}

bool Common::refuse(session::Datagram& by, const session::Address& to, ErrorCode code, std::string_view text) {
    if (to.is_unix() || !refusals.allow(counted_as(behind(to).endpoint().address), network.now(),
                                        options.refusal_interval, options.refusals_burst_max))
        return false;
    const auto packet = serialize(ErrorMessage{code, std::string(text)});
    const Bytes datagram{packet};
    by.send_at_once({&datagram, 1}, to);
    return true;
}

Served::Served(std::shared_ptr<Common> common, User& user, Asked asked, std::shared_ptr<session::Datagram> socket,
               bool shared_socket)
    : common_(std::move(common)),
      user_(&user),
      asked_(std::move(asked)),
      socket_(std::move(socket)),
      shared_socket_(shared_socket),
      timer_(common_->network.make_timer()),
      began_(common_->network.now()) {}

MutableBytes Served::room(std::size_t at_least) {
    std::vector<std::byte>& room = common_->room;
    if (room.size() < std::max(at_least, burst_size_usual)) room.resize(std::max(at_least, burst_size_usual));
    return room;
}

void Served::send(std::shared_ptr<const Reading> file, const Negotiated& negotiated) {
    reading_ = std::move(file);
    transfer_ =
        std::make_unique<Sending>(*this, *reading_, asked_.mode, common_->options.transfer, common_->network.entropy());
    begin(negotiated, {});
}

void Served::receive(std::optional<std::uint64_t> size, const Negotiated& negotiated) {
    CreatedLater::CommitAside aside;
    if (common_->options.commit_aside) aside = [this](std::unique_ptr<Writing> file) { commit(std::move(file)); };
    writing_ = std::make_unique<CreatedLater>(common_->files, asked_.name, size, std::move(aside));
    transfer_ = std::make_unique<Receiving>(*this, *writing_, asked_.mode, common_->options.transfer,
                                            common_->network.entropy());
    begin(negotiated, serialize(Acknowledgment{0}));
}

// With an OACK, if there is something to agree to, or otherwise.
void Served::begin(const Negotiated& negotiated, std::vector<std::byte> otherwise) {
    transfer_->agree(negotiated.agreement);
    if (!negotiated.answer.empty()) otherwise = serialize(OptionAcknowledgment{list_of(negotiated.answer)});
    transfer_->begin(std::move(otherwise), common_->network.now());
    if (!shared_socket_) {
        burst_.emplace(writing_ ? places_of_burst : 1);
        wait_for_packet();
    }
    settle();
}

// One who is alone keeps nobody waiting by looking for the next packet before he sleeps; for who
// may be forged none comes.
void Served::wait_for_packet() {
    const bool is_eager = proven_ && user_ != nullptr && user_->is_alone();
    burst_->be_eager(is_eager ? patience_for_the_next : Duration{});
    socket_->async_receive_burst(*burst_, [self = shared_from_this()](const session::error_code& error) {
        if (!error)
            self->burst_->for_each([&self](Bytes bytes, const session::Address& from) { self->arrived(bytes, from); });
        self->wait_again(error);
    });
}

// An ICMP error that the socket was told of: the deadlines know what to do about silence.
void Served::wait_again(const session::error_code& error) {
    if (over_ || error == session::asio::error::operation_aborted || error == session::asio::error::bad_descriptor)
        return;
    wait_for_packet();
}

void Served::arrived(Bytes datagram, const session::Address& from) {
    if (over_) return;
    if (from == asked_.client) return hear(datagram);
    const auto packet = parse(datagram);
    if (!packet || !std::holds_alternative<ErrorMessage>(*packet))
        common_->refuse(*socket_, from, ErrorCode::unknown_transfer_id, "this is another's transfer");
}

void Served::hear(Bytes datagram) {
    if (over_) return;
    const auto packet = parse(datagram);
    if (packet) transfer_->hear(*packet, common_->network.now());
    settle();
}

// It keeps us; the file is there, or not, whatever becomes of the transfer meanwhile.
void Served::commit(std::unique_ptr<Writing> file) {
    const auto chore = std::make_shared<CommitChore>(std::move(file));
    const auto executor = common_->network.get_executor();
    Aside::of(executor).async_do(chore, executor, [self = shared_from_this(), chore](const session::error_code&) {
        if (self->over_) return;
        self->transfer_->kept(chore->error, self->common_->network.now());
        self->settle();
    });
}

void Served::asked_again() {
    if (over_) return;
    transfer_->repeat_opening(common_->network.now());
    settle();
}

void Served::abort(ErrorCode code, std::string text) {
    if (over_) return;
    transfer_->abort(code, std::move(text));
    settle();
    if (!over_) finish();
}

void Served::drop(std::string_view why) {
    if (over_) return;
    transfer_->give_up({Outcome::How::refused, ErrorCode::not_defined, std::string(why)});
    settle();
}

void Served::settle() {
    const auto kept = shared_from_this();
    if (!proven_ && transfer_->is_proven()) {
        proven_ = true;
        if (user_ != nullptr) user_->proven(*this);
    }
    if (!complete_ && transfer_->outcome()) {
        complete_ = true;
        writing_ = transfer_->is_over() ? nullptr : std::move(writing_);
        if (user_ != nullptr) user_->complete(*this);
    }
    if (transfer_->is_over()) return finish();
    arm();
}

// Deadlines move with each packet; the timer is set anew only where they come closer.
void Served::arm() {
    const Instant deadline = transfer_->deadline();
    if (deadline >= armed_for_) return;
    armed_for_ = deadline;
    const Instant now = common_->network.now();
    timer_.expires_after(std::max(deadline - now, Duration{}));
    timer_.async_wait([self = shared_from_this()](const session::error_code& stopped) {
        if (stopped || self->over_) return;
        self->armed_for_ = never;
        self->transfer_->deadline_reached(self->common_->network.now());
        self->settle();
    });
}

void Served::finish() {
    if (std::exchange(over_, true)) return;
    timer_.cancel();
    if (!shared_socket_) socket_->close();
    if (user_ != nullptr) user_->over(*this);
}

}  // namespace strata::application::tftp
