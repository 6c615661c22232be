using Outrider.Plugins.Sdk;
using Outrider.Samples.CertLoader;

// loader [FOLDER], by default ./certs of the working directory, which is the folder of the configuration file.
return await Plugin.ServeAsync(new Loader(args is [var folder] ? folder : "certs"));
