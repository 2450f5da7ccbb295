using System.Security.Cryptography;
using System.Text;
using Chitin.Core;

namespace Chitin.Sql.Functions.Library;

/// <summary>md5 and the SHA-2 family (manual 9.5).</summary>
static class HashFunctions
{
    internal static void Register(RegistryBuilder b)
    {
#pragma warning disable CA5351 // md5() is a function that SQL has; nothing here relies on its strength
        b.Unary("md5(text) text", static (s, _) => Datum.FromString(Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(s.AsString())))));
        b.Unary("md5(bytea) text", static (v, _) => Datum.FromString(Convert.ToHexStringLower(MD5.HashData(v.AsBytes()))));
#pragma warning restore CA5351
        b.Unary("sha224(bytea) bytea", static (v, _) => Datum.FromBytes(Sha224.Hash(v.AsBytes())));
        b.Unary("sha256(bytea) bytea", static (v, _) => Datum.FromBytes(SHA256.HashData(v.AsBytes())));
        b.Unary("sha384(bytea) bytea", static (v, _) => Datum.FromBytes(SHA384.HashData(v.AsBytes())));
        b.Unary("sha512(bytea) bytea", static (v, _) => Datum.FromBytes(SHA512.HashData(v.AsBytes())));
    }
}
