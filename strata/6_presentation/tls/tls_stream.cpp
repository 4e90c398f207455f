#include "strata/6_presentation/tls/tls_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <new>
#include <optional>
#include <vector>

#include "strata/5_session/asio/waiting.hpp"
#include "strata/6_presentation/tls/tls.hpp"

namespace strata::presentation {

namespace asio = session::asio;
using session::ConstBufferList;
using session::error_code;
using session::IoHandler;
using session::MutableBufferList;
using session::Stream;
using session::WaitHandler;
using session::Waiting;
using session::WriteExtent;

namespace {

constexpr std::size_t record = 16 << 10;  // RFC 8446 5.1
constexpr std::size_t sent_at_once = 128 << 10;
constexpr std::size_t received_at_once = 64 << 10;

// OpenSSL between two memories: what the peer sent and is not yet decrypted, what is encrypted and
// not yet sent. Whatever happens, step() sees how far everything gets. It lives until the
// operations of the stream below have ended.
class Conversation : public std::enable_shared_from_this<Conversation> {
public:
    Conversation(Stream below, std::shared_ptr<SSL> ssl, std::shared_ptr<TlsFacts> facts)
        : below_(std::move(below)), ssl_(std::move(ssl)), facts_(std::move(facts)) {
        from_peer_ = ::BIO_new(::BIO_s_mem());
        to_peer_ = ::BIO_new(::BIO_s_mem());
        if (from_peer_ == nullptr || to_peer_ == nullptr) {
            ::BIO_free(from_peer_);
            ::BIO_free(to_peer_);
            throw std::bad_alloc();
        }
        // Empty is not ended.
        ::BIO_set_mem_eof_return(from_peer_, -1);
        library_.SSL_set_bio(ssl_.get(), from_peer_, to_peer_);
    }

    [[nodiscard]] Stream& below() noexcept { return below_; }
    [[nodiscard]] const Stream& below() const noexcept { return below_; }

    void wait_readable(WaitHandler handler) {
        if (reading_ || waiting_) return handler.complete(asio::error::in_progress);
        if (closed_) return handler.complete(asio::error::bad_descriptor);
        waiting_.start(std::move(handler), [this] { waiting_.abort(); });
        step();
    }

    void read(const MutableBufferList& buffers, IoHandler handler) {
        if (reading_ || waiting_) return handler.complete(asio::error::in_progress, 0);
        if (closed_) return handler.complete(asio::error::bad_descriptor, 0);
        reading_.emplace(buffers);
        reading_->waiting.start(std::move(handler), [this] { cancel_reading(); });
        step();
    }

    void write(const ConstBufferList& buffers, WriteExtent extent, IoHandler handler) {
        if (writing_) return handler.complete(asio::error::in_progress, 0);
        if (closed_) return handler.complete(asio::error::bad_descriptor, 0);
        if (ending_) return handler.complete(asio::error::broken_pipe, 0);
        writing_.emplace(buffers, extent);
        writing_->waiting.start(std::move(handler), [this](asio::cancellation_type type) {
            // "total" asks for an end without side effects.
            using enum asio::cancellation_type;
            if (writing_->taken > 0 && (type & (terminal | partial)) == none) return;
            cancel_writing();
        });
        step();
    }

    void cancel() {
        waiting_.abort();
        cancel_reading();
        cancel_writing();
    }

    error_code shut_down_sending() {
        if (closed_) return asio::error::bad_descriptor;
        if (!std::exchange(ending_, true)) step();
        return {};
    }

    // A write that has completed has been handed down whole: what may still wait is of TLS's own.
    void close() {
        if (std::exchange(closed_, true)) return;
        cancel();
        if (!sending_) {
            say_end();
            if (gather()) {
                error_code ignored;
                (void)below_.write_now(asio::buffer(outgoing_), ignored);
            }
        }
        below_.close();
    }

    void abort() {
        closed_ = true;
        cancel();
        below_.abort();
    }

    [[nodiscard]] bool is_open() const { return !closed_ && below_.is_open(); }
    [[nodiscard]] std::size_t unacknowledged() const {
        // An end that waits for the hands to be shaken is still to be sent.
        return below_.unacknowledged() + ::BIO_ctrl_pending(to_peer_) + (sending_ ? outgoing_.size() : 0) +
               (ending_ && is_shaking() ? 1 : 0);
    }

private:
    struct Reading {
        MutableBufferList buffers;
        Waiting<IoHandler> waiting;
    };
    struct Writing {
        ConstBufferList buffers;
        WriteExtent extent;
        Waiting<IoHandler> waiting;
        std::size_t taken = 0;  // encrypted
    };

    // How far everything gets now.
    void step() {
        bool hungry = false;
        if (reading_) hungry = !try_read() || hungry;
        if (waiting_) hungry = !try_wait() || hungry;
        if (writing_) hungry = !try_write() || hungry;
        if (ending_ && !writing_) hungry = !try_shake() || hungry;
        note_facts();
        if (ending_ && !writing_) say_end();
        send();
        if (hungry) receive();
    }

    // The error of an SSL function that did not return 1; nothing if
    // it needs more of the peer's bytes.
    [[nodiscard]] error_code error_of(int result) {
        if (failure_) return failure_;
        const int kind = library_.SSL_get_error(ssl_.get(), result);
        if (kind == SSL_ERROR_ZERO_RETURN) return asio::error::eof;
        if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
            if (below_error_ == asio::error::eof) return TlsFault::truncated;
            return below_error_;
        }
        const unsigned long code = ::ERR_get_error();
        const long verified = library_.SSL_get_verify_result(ssl_.get());
        failure_ = code == 0 ? error_code{TlsFault::broken} : error_code{static_cast<int>(code), tls_category()};
        if (ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK)
            failure_ = {static_cast<int>(verified), certificate_category()};
        if (facts_ && facts_->is_refused) failure_ = TlsFault::not_resumed;
        return failure_;
    }

    // Whoever waits for a read or a write is told later than this.
    void note_facts() {
        if (!facts_ || facts_->is_shaken || library_.SSL_is_init_finished(ssl_.get()) != 1) return;
        *facts_ = {.is_shaken = true, .is_resumed = library_.SSL_session_reused(ssl_.get()) == 1};
    }

    // False: it waits for the peer.
    bool try_read() {
        std::size_t total = 0;
        error_code error;
        bool hungry = false;
        for (const asio::mutable_buffer& buffer : reading_->buffers) {
            std::size_t done = 0;
            while (done < buffer.size() && !error && !hungry) {
                std::size_t count = 0;
                ::ERR_clear_error();
                const int result = library_.SSL_read_ex(ssl_.get(), static_cast<char*>(buffer.data()) + done,
                                                        buffer.size() - done, &count);
                done += count;
                total += count;
                if (result == 1) continue;
                error = error_of(result);
                hungry = !error;
            }
            if (error || hungry) break;
        }
        if (total == 0 && hungry) return false;
        // What went wrong behind these bytes is told the next time.
        reading_->waiting.complete(total > 0 ? error_code{} : error, total);
        reading_.reset();
        return true;
    }

    bool try_wait() {
        char byte = 0;
        std::size_t count = 0;
        ::ERR_clear_error();
        const int result = library_.SSL_peek_ex(ssl_.get(), &byte, 1, &count);
        if (result != 1 && !error_of(result)) return false;
        waiting_.complete({});
        return true;
    }

    // False: its handshake waits for the peer. What is encrypted waits for send().
    bool try_write() {
        Writing& writing = *writing_;
        std::size_t place = 0;
        for (const asio::const_buffer& buffer : writing.buffers) {
            const std::size_t end = place + buffer.size();
            while (writing.taken < end && ::BIO_ctrl_pending(to_peer_) < sent_at_once) {
                std::size_t count = 0;
                ::ERR_clear_error();
                const int result =
                    library_.SSL_write_ex(ssl_.get(), static_cast<const char*>(buffer.data()) + (writing.taken - place),
                                          std::min(end - writing.taken, record), &count);
                writing.taken += count;
                if (result == 1) continue;
                const error_code error = error_of(result);
                if (error) return end_write(error), true;
                return false;
            }
            place = end;
        }
        return true;
    }

    [[nodiscard]] bool is_shaking() const {
        return !failure_ && !below_error_ && library_.SSL_is_init_finished(ssl_.get()) != 1;
    }

    // For an end before anything was said: without hands shaken it would be nobody's.
    bool try_shake() {
        if (!is_shaking()) return true;
        char byte = 0;
        std::size_t count = 0;
        ::ERR_clear_error();
        const int result = library_.SSL_peek_ex(ssl_.get(), &byte, 1, &count);
        if (result != 1) (void)error_of(result);
        return !is_shaking();
    }

    void end_write(const error_code& error) {
        writing_->waiting.complete(error, writing_->taken);
        writing_.reset();
    }

    // close_notify, once, after all that was written (RFC 8446 6.1). A peer may go on sending.
    void say_end() {
        if (said_end_ || failure_ || library_.SSL_is_init_finished(ssl_.get()) != 1) return;
        said_end_ = true;
        ::ERR_clear_error();
        library_.SSL_shutdown(ssl_.get());
    }

    // What is encrypted is put into `outgoing_`. False if there is nothing.
    bool gather() {
        outgoing_.resize(std::min(::BIO_ctrl_pending(to_peer_), sent_at_once + record));
        const int count =
            outgoing_.empty() ? 0 : ::BIO_read(to_peer_, outgoing_.data(), static_cast<int>(outgoing_.size()));
        outgoing_.resize(static_cast<std::size_t>(std::max(count, 0)));
        return !outgoing_.empty();
    }

    void send() {
        if (sending_ || closed_) return;
        if (!gather()) return all_is_sent();
        sending_ = true;
        below_.async_write(asio::buffer(outgoing_), [self = shared_from_this()](error_code error, std::size_t) {
            self->sending_ = false;
            if (self->closed_) return;
            if (error) self->fail_to_send(error);
            self->step();
        });
    }

    void all_is_sent() {
        if (writing_) {
            const std::size_t size = asio::buffer_size(writing_->buffers);
            const bool enough = writing_->extent == WriteExtent::all ? writing_->taken == size : writing_->taken > 0;
            if (enough || size == 0) {
                end_write({});
                if (ending_) return step();
            }
        }
        if (ending_ && !writing_ && !is_shaking() && !std::exchange(below_ended_, true))
            (void)below_.shut_down_sending();
    }

    // What the peer has sent may still be read.
    void fail_to_send(const error_code& error) {
        if (library_.SSL_is_init_finished(ssl_.get()) != 1) below_error_ = error;
        if (writing_) end_write(error);
        (void)BIO_reset(to_peer_);
    }

    // While what TLS itself has to say piles up nothing more is taken from a peer that makes it.
    void receive() {
        if (receiving_ || closed_ || below_error_ || ::BIO_ctrl_pending(to_peer_) > sent_at_once) return;
        receiving_ = true;
        incoming_.resize(received_at_once);
        below_.async_read_some(asio::buffer(incoming_),
                               [self = shared_from_this()](error_code error, std::size_t count) {
                                   self->receiving_ = false;
                                   if (self->closed_) return;
                                   ::BIO_write(self->from_peer_, self->incoming_.data(), static_cast<int>(count));
                                   if (error) self->below_error_ = error;
                                   self->step();
                               });
    }

    void cancel_reading() {
        if (reading_) reading_->waiting.abort();
        reading_.reset();
    }
    void cancel_writing() {
        if (writing_) end_write(asio::error::operation_aborted);
    }

    const TlsLibrary& library_ = TlsLibrary::get();
    Stream below_;
    std::shared_ptr<SSL> ssl_;
    std::shared_ptr<TlsFacts> facts_;  // unset: nobody wants them
    BIO* from_peer_ = nullptr;         // the SSL's own
    BIO* to_peer_ = nullptr;
    Waiting<WaitHandler> waiting_;
    std::optional<Reading> reading_;
    std::optional<Writing> writing_;
    std::vector<std::byte> incoming_, outgoing_;
    error_code below_error_;  // of reading
    error_code failure_;      // of TLS: for good
    bool receiving_ = false, sending_ = false;
    bool ending_ = false, said_end_ = false, below_ended_ = false;
    bool closed_ = false;
};

class TlsStream final : public session::StreamImplementation {
public:
    explicit TlsStream(std::shared_ptr<Conversation> conversation) : conversation_(std::move(conversation)) {}
    ~TlsStream() override { conversation_->close(); }

    [[nodiscard]] asio::any_io_executor get_executor() const override { return conversation_->below().get_executor(); }
    void start_wait_readable(WaitHandler handler) override { conversation_->wait_readable(std::move(handler)); }
    void start_read(const MutableBufferList& buffers, IoHandler handler) override {
        if (buffers.empty()) return handler.complete({}, 0);
        conversation_->read(buffers, std::move(handler));
    }
    void start_write(const ConstBufferList& buffers, WriteExtent extent, IoHandler handler) override {
        if (buffers.empty()) return handler.complete({}, 0);
        conversation_->write(buffers, extent, std::move(handler));
    }
    // Encrypted, it might not all go: then it would wait here, and
    // its writer would think it was sent.
    [[nodiscard]] std::size_t write_now(const ConstBufferList&, error_code& error) override {
        error = asio::error::would_block;
        return 0;
    }
    // For the same reason the file is not even looked at.
    [[nodiscard]] std::size_t send_file_now(const ConstBufferList&, const session::FileSlice&,
                                            error_code& error) override {
        error = asio::error::would_block;
        return 0;
    }
    void cancel() override { conversation_->cancel(); }
    error_code shut_down_sending() override { return conversation_->shut_down_sending(); }
    void close() override { conversation_->close(); }
    void abort() override { conversation_->abort(); }
    void set_no_delay(bool on) override { conversation_->below().set_no_delay(on); }
    void set_keepalive(bool on) override { conversation_->below().set_keepalive(on); }
    void set_ttl(std::uint8_t ttl) override { conversation_->below().set_ttl(ttl); }
    void set_traffic_class(std::uint8_t traffic_class) override {
        conversation_->below().set_traffic_class(traffic_class);
    }
    void set_reset_at_death(bool on) override { conversation_->below().set_reset_at_death(on); }
    [[nodiscard]] std::size_t unacknowledged() const override { return conversation_->unacknowledged(); }
    [[nodiscard]] bool is_over() const override { return conversation_->below().is_over(); }
    [[nodiscard]] bool is_open() const override { return conversation_->is_open(); }
    [[nodiscard]] session::Address local() const override { return conversation_->below().local(); }
    [[nodiscard]] session::Address remote() const override { return conversation_->below().remote(); }

private:
    const std::shared_ptr<Conversation> conversation_;
};

}  // namespace

Stream make_tls_stream(Stream below, std::shared_ptr<SSL> ssl, std::shared_ptr<TlsFacts> facts) {
    return Stream{std::make_unique<TlsStream>(
        std::make_shared<Conversation>(std::move(below), std::move(ssl), std::move(facts)))};
}

}  // namespace strata::presentation
