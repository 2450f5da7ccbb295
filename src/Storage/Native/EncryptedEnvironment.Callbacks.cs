using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Chitin.Cryptography;

namespace Chitin.Storage.Native;

/// <summary>
/// What the library calls, on any of its threads. Nothing may be thrown through it: each function catches everything and returns a status.
/// </summary>
internal sealed unsafe partial class EncryptedEnvironment
{
    private static readonly Lazy<nint> s_streamTable = new(CreateStreamTable);

    /// <summary>The smallest object that the library takes for a cipher stream: its table, and our state.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct CipherStream
    {
        public nint Table;
        public nint State;   // GCHandle of a FileCipher
    }

    /// <summary>How one open file is encrypted; no cipher is plaintext.</summary>
    private sealed class FileCipher(AesCtr? cipher, UInt128 initialCounter)
    {
        /// <remarks>The library counts offsets from the start of the file, so the header takes the first 256 blocks of the keystream, unused.</remarks>
        public void Transform(ulong offset, byte* data, nuint length)
        {
            if (cipher is null)
                return;
            while (length > 0)
            {
                var part = (int)Math.Min(length, 1 << 30);
                cipher.Transform(initialCounter, offset, new Span<byte>(data, part));
                offset += (uint)part;
                data += part;
                length -= (uint)part;
            }
        }
    }

    private static nint CreateStreamTable()
    {
        var original = (nint*)RocksLibrary.Export("_ZTVN7rocksdb15CTRCipherStreamE");
        var table = (nint*)NativeMemory.AllocZeroed(StreamSlots + VTablePrefix, (nuint)sizeof(nint));
        new ReadOnlySpan<nint>(original, StreamSlots + VTablePrefix).CopyTo(new Span<nint>(table, StreamSlots + VTablePrefix));
        var slots = new Span<nint>(table + VTablePrefix, StreamSlots);
        Replace(slots, "_ZN7rocksdb15CTRCipherStreamD1Ev", (nint)(delegate* unmanaged<CipherStream*, void>)&DestroyStream);
        Replace(slots, "_ZN7rocksdb15CTRCipherStreamD0Ev", (nint)(delegate* unmanaged<CipherStream*, void>)&DeleteStream);
        Replace(slots, "_ZN7rocksdb15CTRCipherStream9BlockSizeEv", (nint)(delegate* unmanaged<CipherStream*, nuint>)&GetBlockSize);
        Replace(slots, "_ZN7rocksdb23BlockAccessCipherStream7EncryptEmPcm", (nint)(delegate* unmanaged<Status*, CipherStream*, ulong, byte*, nuint, Status*>)&Transform);
        Replace(slots, "_ZN7rocksdb23BlockAccessCipherStream7DecryptEmPcm", (nint)(delegate* unmanaged<Status*, CipherStream*, ulong, byte*, nuint, Status*>)&Transform);
        return (nint)(table + VTablePrefix);
    }

    [UnmanagedCallersOnly]
    private static Status* PrepareOptions(Status* status, nint provider, nint options)
    {
        Status.Ok(status);
        return status;
    }

    [UnmanagedCallersOnly]
    private static Status* ValidateOptions(Status* status, nint provider, nint databaseOptions, nint columnFamilyOptions)
    {
        Status.Ok(status);
        return status;
    }

    [UnmanagedCallersOnly]
    private static nuint GetPrefixLength(nint provider) => FileHeader.Length;

    /// <summary>Called when a file is created. A data key that has grown too old is replaced here.</summary>
    [UnmanagedCallersOnly]
    private static Status* CreateNewPrefix(Status* status, nint provider, CppString* name, byte* prefix, nuint length)
    {
        try
        {
            FileHeader.Write(new Span<byte>(prefix, checked((int)length)), Of(provider)._keys.KeyForNewFile());
            Status.Ok(status);
        }
        catch (Exception e)
        {
            Fail(status, name, e);
        }

        return status;
    }

    /// <summary>Called when a file has been created or opened, with its header.</summary>
    [UnmanagedCallersOnly]
    private static Status* CreateCipherStream(Status* status, nint provider, CppString* name, nint options, CppSlice* prefix, CipherStream** result)
    {
        try
        {
            var header = new ReadOnlySpan<byte>(prefix->Data, checked((int)prefix->Length));
            var problem = header.Length < FileHeader.Length
                ? "it is shorter than its header"
                : FileHeader.Read(header, Of(provider)._keys, out var parsed, out var key) ?? Attach(result, parsed, key);
            if (problem is null)
                Status.Ok(status);
            else
                Status.Corruption(status, $"{problem}: {*name}");
        }
        catch (Exception e)
        {
            Fail(status, name, e);
        }

        return status;
    }

    private static string? Attach(CipherStream** result, FileHeader header, DataKey? key)
    {
        if (*result is not null)
            return "the library passed a stream in use";
        var stream = (CipherStream*)NativeMemory.Alloc((nuint)sizeof(CipherStream));
        stream->Table = s_streamTable.Value;
        stream->State = GCHandle.ToIntPtr(GCHandle.Alloc(new FileCipher(key?.Cipher, header.InitialCounter)));
        *result = stream;
        return null;
    }

    [UnmanagedCallersOnly]
    private static void DestroyStream(CipherStream* stream) => GCHandle.FromIntPtr(stream->State).Free();

    [UnmanagedCallersOnly]
    private static void DeleteStream(CipherStream* stream)
    {
        GCHandle.FromIntPtr(stream->State).Free();
        NativeMemory.Free(stream);
    }

    [UnmanagedCallersOnly]
    private static nuint GetBlockSize(CipherStream* stream) => AesCtr.BlockLength;

    [UnmanagedCallersOnly]
    private static Status* Transform(Status* status, CipherStream* stream, ulong offset, byte* data, nuint length)
    {
        try
        {
            Unsafe.As<FileCipher>(GCHandle.FromIntPtr(stream->State).Target!).Transform(offset, data, length);
            Status.Ok(status);
        }
        catch (Exception e)
        {
            Fail(status, null, e);
        }

        return status;
    }

    /// <summary>Exceptions of ours name files and keys, never key bytes; of others only the type is told.</summary>
    private static void Fail(Status* status, CppString* name, Exception e)
    {
        try
        {
            var text = e is EncryptionException or IOException or UnauthorizedAccessException ? e.Message : e.GetType().Name;
            Status.InputOutput(status, name is null ? text : $"{text}: {*name}");
        }
        catch (Exception)
        {
            Status.InputOutput(status);   // not even the text could be made
        }
    }
}
