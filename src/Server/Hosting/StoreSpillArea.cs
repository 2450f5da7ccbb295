using Chitin.Cryptography;
using Chitin.Sql.Execution;
using Chitin.Storage;

namespace Chitin.Server.Hosting;

/// <summary>Gives the executor sealed temporary files.</summary>
internal sealed class StoreSpillArea(SpillDirectory directory) : ISpillArea
{
    public Stream CreateFile() => new SpillStream(directory, directory.Create());

    /// <summary>A sealed file as a stream: written from front to back, then, once Position is set to 0, read.</summary>
    private sealed class SpillStream(SpillDirectory directory, SealedFile file) : Stream
    {
        private const long AnnouncedBytes = 256 * 1024;

        private bool _reading;
        private long _position;
        private long _announced;

        public override bool CanRead => _reading;

        public override bool CanSeek => true;

        public override bool CanWrite => !_reading;

        public override long Length => file.Length;

        public override long Position
        {
            get => _reading ? _position : file.Length;
            set
            {
                if (!_reading)
                    Complete();
                _reading = true;
                _position = value;
            }
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (file.Length + buffer.Length - _announced >= AnnouncedBytes)
            {
                directory.RequireRoom(file.Length + buffer.Length - _announced);
                _announced = file.Length + buffer.Length;
            }

            try
            {
                file.Write(buffer);
            }
            catch (Exception e) when (e is IOException or EncryptionException)
            {
                throw SpillDirectory.Failure(e);
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            try
            {
                var count = file.Read(_position, buffer);
                _position += count;
                return count;
            }
            catch (Exception e) when (e is IOException or EncryptionException)
            {
                throw SpillDirectory.Failure(e);
            }
        }

        private void Complete()
        {
            try
            {
                file.Complete();
            }
            catch (IOException e)
            {
                throw SpillDirectory.Failure(e);
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => Length + offset,
        };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                file.Dispose();
            base.Dispose(disposing);
        }
    }
}
